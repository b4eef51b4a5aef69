import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../json.ts';
import type { KubernetesWorkload } from '../kubernetes.ts';

/** A workload, and whether the object was the workload itself or one of its pods. */
interface FoundWorkload extends KubernetesWorkload {
  readonly isItself: boolean;
}

const controllers = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'ReplicaSet']);

/** Labels that differ from pod to pod of one workload, or from rollout to rollout: no selector may hold them. */
const fleetingLabels = new Set([
  'pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'job-name',
  'batch.kubernetes.io/job-name',
]);

/** The workload that an object is, or belongs to; `undefined` for what runs nothing, or is a part of another object. */
export function workloadOf(object: JsonObject): FoundWorkload | undefined {
  const kind = textOf(object['kind']);
  const metadata = objectOf(object['metadata']);
  const name = textOf(metadata['name']);
  if (kind === undefined || name === undefined) return undefined;
  if (kind === 'Pod') return ofPod(object, name);
  const owner = objectOf(listOf(metadata['ownerReferences'])[0]);
  if (!controllers.has(kind) || textOf(owner['kind']) !== undefined) return undefined;
  const spec = objectOf(object['spec']);
  const job = objectOf(objectOf(objectOf(spec['jobTemplate'])['spec'])['template']);
  const template = kind === 'CronJob' ? job : objectOf(spec['template']);
  const ofTemplate = labelsOf(objectOf(template['metadata']));
  const selected = textMap(objectOf(spec['selector'])['matchLabels']);
  return {
    kind,
    metadata: { ...named(metadata, name), labels: { ...ofTemplate, ...labelsOf(metadata) } },
    podLabels: Object.keys(selected).length > 0 ? selected : ofTemplate,
    ...runs(objectOf(template['spec'])),
    isItself: true,
  };
}

/** A pod stands for whoever made it: `cart-7d9f8b6c5d-x2x4z` of a ReplicaSet of a Deployment is `cart`. */
function ofPod(object: JsonObject, pod: string): FoundWorkload {
  const metadata = objectOf(object['metadata']);
  const labels = labelsOf(metadata);
  const all = textMap(metadata['labels']);
  const owner = objectOf(listOf(metadata['ownerReferences'])[0]);
  const ownerName = textOf(owner['name']) ?? pod;
  const hash = all['pod-template-hash'];
  const names: Readonly<Record<string, readonly [string, string]>> = {
    ReplicaSet: [
      'Deployment',
      hash === undefined ? ownerName : ownerName.replace(new RegExp(`-${hash}$`), ''),
    ],
    Job: ['Job', ownerName.replace(/-\d{8,10}$/, '')], // a CronJob puts the minute behind its own name
    StatefulSet: ['StatefulSet', ownerName],
    DaemonSet: ['DaemonSet', ownerName],
  };
  const [kind, name] = names[textOf(owner['kind']) ?? ''] ?? ['Pod', pod];
  return {
    kind,
    metadata: { ...named(metadata, name), labels },
    podLabels: labels,
    ...runs(objectOf(object['spec'])),
    isItself: kind === 'Pod',
  };
}

function named(metadata: JsonObject, name: string): { readonly name: string; readonly namespace: string } {
  return { name, namespace: textOf(metadata['namespace']) ?? 'default' };
}

function labelsOf(metadata: JsonObject): Readonly<Record<string, string>> {
  const labels = Object.entries(textMap(metadata['labels']));
  return Object.fromEntries(labels.filter(([label]) => !fleetingLabels.has(label)));
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.flatMap(([key, item]) => (typeof item === 'string' ? [[key, item]] : [])),
  );
}

/** As whom it runs, and the version that its image is tagged with, where a pod runs a single container. */
function runs(spec: JsonObject): Pick<KubernetesWorkload, 'serviceAccount' | 'imageVersion'> {
  const serviceAccount = textOf(spec['serviceAccountName']);
  const containers = listOf(spec['containers']);
  const image = containers.length === 1 ? textOf(objectOf(containers[0])['image']) : undefined;
  const tag = /:(\w[\w.-]{0,127})(?:@.*)?$/.exec(image ?? '')?.[1];
  return {
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    ...(tag === undefined || tag === 'latest' ? {} : { imageVersion: tag }),
  };
}
