import { isObject } from '../../json.ts';
import { parseRoleList } from '../role-list.ts';
import { isRbacObject, rbacRoleList } from './kubernetes-rbac.ts';
import type { Imported, ImportWishes, RegistryImport } from './registry-import.ts';

/** Role lists: what is granted, to be held against what is used. */
export const roles: RegistryImport = {
  name: 'roles',
  summary: 'roles: and bindings: as in roles.yaml, or Kubernetes RBAC objects',
  source: 'docs/zero-trust.md; https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
  origin: 'declared',
  read: (documents, wishes) => {
    const ofKubernetes = rbacRoleList(documents, wishes.name);
    const declared = documents
      .filter((document) => !isRbacObject(document))
      .map((one) => readList(one, wishes));
    const lists = declared.flatMap(({ roleLists }) => roleLists);
    return {
      declarations: [],
      roleLists: [...lists, ...ofKubernetes.roleLists],
      skipped: [...declared.flatMap(({ skipped }) => skipped), ...ofKubernetes.skipped],
    };
  },
};

function readList(document: unknown, { name }: ImportWishes): Imported {
  const parsed = parseRoleList(isObject(document) ? { name, ...withTimes(document) } : document);
  return parsed.ok
    ? { declarations: [], roleLists: [parsed.list], skipped: [] }
    : { declarations: [], roleLists: [], skipped: parsed.faults };
}

/** People write a day (`since: 2026-01-31`), the list keeps milliseconds; what is no time is told as a fault. */
function withTimes(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { bindings } = document;
  if (!Array.isArray(bindings)) return document;
  const timed = bindings.map((binding: unknown) => {
    if (!isObject(binding) || typeof binding['since'] !== 'string') return binding;
    const since = Date.parse(binding['since']);
    return Number.isNaN(since) ? binding : { ...binding, since };
  });
  return { ...document, bindings: timed };
}
