import { type Declaration, declarationLimits } from './declaration.ts';

/** What is read of a Kubernetes object (Deployment, StatefulSet, Pod, ...). */
export interface KubernetesWorkload {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** What all of its pods are labelled with, to select them by; the labels themselves without. */
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  /** Tag of its image: its version where no label tells. */
  readonly imageVersion?: string;
}

/** Labels that name a fact, the recommended ones of Kubernetes first. */
const ownerLabels = ['app.kubernetes.io/part-of', 'team', 'owner'];
const groupLabels = ['app.kubernetes.io/name', 'app', 'k8s-app'];
const zoneLabels = ['amiss.io/zone', 'zone', 'tier'];
const versionLabels = ['app.kubernetes.io/version', 'version'];

/**
 * What a workload's labels say of its agent. Its zone is a label of that name, else its namespace.
 *
 * @param agent id under which the agent's calls are seen; `namespace/name` without
 * @source https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function declarationOfWorkload(workload: KubernetesWorkload, agent?: string): Declaration {
  const { name, namespace = 'default', labels = {} } = workload.metadata;
  const first = (names: readonly string[]) =>
    names.map((label) => labels[label]).find((value) => value !== undefined && value !== '');
  const owner = first(ownerLabels);
  const group = first(groupLabels);
  const version = first(versionLabels) ?? workload.imageVersion;
  const kept = Object.entries(workload.podLabels ?? labels).slice(0, declarationLimits.labelsMax - 2);
  return {
    agent: agent ?? `${namespace}/${name}`,
    origin: 'kubernetes',
    source: `${workload.kind.toLowerCase()}/${namespace}/${name}`,
    zone: first(zoneLabels) ?? namespace,
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { peer_group: group }),
    ...(version === undefined ? {} : { versions: [version] }),
    labels: {
      'k8s/namespace': namespace,
      ...(workload.serviceAccount === undefined ? {} : { 'k8s/service-account': workload.serviceAccount }),
      ...Object.fromEntries(kept.map(([label, value]) => [`k8s/label/${label}`, value])),
    },
  };
}
