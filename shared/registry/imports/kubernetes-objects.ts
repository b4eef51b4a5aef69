import { isObject, type JsonObject, objectOf, textOf } from '../../json.ts';
import type { Declaration } from '../declaration.ts';
import { declarationOfWorkload } from '../kubernetes.ts';
import { isRbacObject, rbacRoleList } from './kubernetes-rbac.ts';
import { workloadOf } from './kubernetes-workload.ts';
import type { Imported, ImportWishes, RegistryImport } from './registry-import.ts';

/** What runs in Kubernetes, with its labels, and what RBAC lets it do. */
export const kubernetesObjects: RegistryImport = {
  name: 'kubernetes',
  summary: 'workloads and RBAC objects, as `kubectl get deploy,sts,ds,pods -A -o json` gives them',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/',
  origin: 'kubernetes',
  read: (documents, wishes) => {
    const declarations = new Map<string, Declaration>();
    const skipped: string[] = [];
    for (const [i, document] of documents.entries()) {
      if (isRbacObject(document)) continue;
      const workload = isObject(document) ? workloadOf(document) : undefined;
      if (workload === undefined) {
        if (!isWorkloadPart(document)) skipped.push(`document ${i}: ${kindOf(document)} runs nothing`);
        continue;
      }
      const declaration = declarationOfWorkload(workload, named(wishes, workload));
      // The workload itself goes before its pods, whichever comes first.
      if (workload.isItself || !declarations.has(declaration.agent))
        declarations.set(declaration.agent, declaration);
    }
    const rbac = rbacRoleList(documents, wishes.name);
    return {
      declarations: [...declarations.values()],
      roleLists: rbac.roleLists,
      skipped: [...skipped, ...rbac.skipped],
    } satisfies Imported;
  },
};

function named({ agent }: ImportWishes, workload: ReturnType<typeof workloadOf> & object): string {
  const { name, namespace = 'default', labels = {} } = workload.metadata;
  return agent
    .replaceAll('{namespace}', namespace)
    .replaceAll('{name}', name)
    .replaceAll(/\{label:([^}]+)\}/g, (_, label: string) => labels[label] ?? name);
}

function kindOf(document: unknown): string {
  return textOf(objectOf(document)['kind']) ?? 'something without a kind';
}

/** A ReplicaSet of a Deployment, a Job of a CronJob: its owner is the workload. */
function isWorkloadPart(document: unknown): document is JsonObject {
  return ['ReplicaSet', 'Job'].includes(kindOf(document));
}
