import { isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from '../../json.ts';
import { parseRoleList, type RoleList, roleListLimits } from '../role-list.ts';
import type { Imported } from './registry-import.ts';

type RoleGrant = RoleList['roles'][number]['grants'][number];
type Binding = RoleList['bindings'][number];

/** Is the document a role or a binding of Kubernetes RBAC? */
export function isRbacObject(document: unknown): document is JsonObject {
  return isObject(document) && /^(Cluster)?Role(Binding)?$/.test(String(document['kind']));
}

/**
 * The roles and bindings of Kubernetes RBAC as one role list, in the words in which its audit log is read: service
 * accounts are `namespace/name`, API groups are `kubernetes` and `kubernetes/GROUP`, actions are `VERB RESOURCE`. A
 * role that is bound to nobody grants nothing and is left out. Namespaces and names of resources are not told apart.
 *
 * @source https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export function rbacRoleList(documents: readonly unknown[], name: string): Imported {
  const objects = documents.filter(isRbacObject);
  const roles = new Map<string, readonly RoleGrant[]>();
  for (const object of objects) {
    const key = roleKey(String(object['kind']), object);
    if (key !== undefined)
      roles.set(
        key,
        listOf(object['rules']).flatMap((rule) => grantsOfRule(objectOf(rule))),
      );
  }
  const read = objects.filter(isBinding).map((object) => readBinding(object, roles));
  const bindings = read.flatMap(({ bindings: found }) => found);
  const skipped = read.flatMap(({ skipped: told }) => told);
  if (bindings.length === 0) return { declarations: [], roleLists: [], skipped };
  const bound = new Set(bindings.map(({ role }) => role));
  const parsed = parseRoleList({
    name,
    origin: 'kubernetes',
    roles: [...roles].flatMap(([role, grants]) => (bound.has(role) ? [{ name: role, grants }] : [])),
    bindings,
  });
  return parsed.ok
    ? { declarations: [], roleLists: [parsed.list], skipped }
    : { declarations: [], roleLists: [], skipped: [...skipped, ...parsed.faults] };
}

const isBinding = ({ kind }: JsonObject) => String(kind).endsWith('Binding');

/** `ClusterRole/view`, `Role/shop/reader`; `undefined` for what is no role. */
function roleKey(kind: string, object: JsonObject): string | undefined {
  const metadata = objectOf(object['metadata']);
  const name = textOf(metadata['name']);
  if (kind === 'ClusterRole') return `ClusterRole/${name}`;
  return kind === 'Role' ? `Role/${textOf(metadata['namespace']) ?? 'default'}/${name}` : undefined;
}

function readBinding(
  object: JsonObject,
  roles: ReadonlyMap<string, unknown>,
): { readonly bindings: readonly Binding[]; readonly skipped: readonly string[] } {
  const metadata = objectOf(object['metadata']);
  const namespace = textOf(metadata['namespace']) ?? 'default';
  const ref = objectOf(object['roleRef']);
  const role = roleKey(String(ref['kind']), { metadata: { name: ref['name'], namespace } });
  const called = `${String(object['kind'])} ${textOf(metadata['name'])}`;
  if (role === undefined || !roles.has(role))
    return { bindings: [], skipped: [`${called}: its role ${role ?? ref['name']} is not in the file`] };
  const subjects = listOf(object['subjects']).map(objectOf);
  const agents = subjects.flatMap((subject) => agentOf(subject, namespace) ?? []);
  const unknown = subjects.filter((subject) => agentOf(subject, namespace) === undefined);
  const since = Date.parse(textOf(metadata['creationTimestamp']) ?? '');
  const binding = { role, agents, ...(Number.isNaN(since) ? {} : { since }) };
  return {
    bindings: agents.length === 0 ? [] : [binding],
    skipped: unknown.map(
      ({ kind, name }) => `${called}: who is in the ${String(kind)} ${name} is not known here`,
    ),
  };
}

/** Under which name the audit log knows a subject; members of other groups than Kubernetes' own are not known. */
function agentOf(subject: JsonObject, namespace: string): string | undefined {
  const name = textOf(subject['name']);
  if (name === undefined) return undefined;
  if (subject['kind'] === 'ServiceAccount') return `${textOf(subject['namespace']) ?? namespace}/${name}`;
  if (subject['kind'] === 'User')
    return /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name)?.slice(1).join('/') ?? name;
  if (name === 'system:serviceaccounts') return '*/*';
  if (name === 'system:authenticated') return '*';
  return /^system:serviceaccounts:(.+)$/.exec(name)?.[1]?.concat('/*');
}

/** A rule allows each of its verbs on each of its resources in each of its API groups. */
function grantsOfRule(rule: JsonObject): readonly RoleGrant[] {
  const verbs = textsOf(rule['verbs']);
  const groups = listOf(rule['apiGroups']).map((group) => apiGroup(String(group)));
  const resources = textsOf(rule['resources']);
  const paths = textsOf(rule['nonResourceURLs']).map(firstSegment);
  return [
    ...inParts(crossed(verbs, resources)).map((actions) => ({ to: groups, actions })),
    ...inParts(crossed(verbs, paths)).map((actions) => ({ to: ['kubernetes'], actions })),
  ].filter(({ to }) => to.length > 0);
}

function apiGroup(group: string): string {
  if (group === '') return 'kubernetes';
  return group === '*' ? 'kubernetes*' : `kubernetes/${group}`;
}

/** Of a path the audit log's reader keeps the first segment. */
function firstSegment(path: string): string {
  return path === '*' ? '*' : `/${/^\/([a-z]+)/.exec(path)?.[1] ?? '*'}`;
}

function crossed(verbs: readonly string[], things: readonly string[]): readonly string[] {
  return [...new Set(verbs.flatMap((verb) => things.map((thing) => `${verb} ${thing}`)))];
}

function inParts(actions: readonly string[]): readonly string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < actions.length; from += roleListLimits.patternsMax)
    parts.push(actions.slice(from, from + roleListLimits.patternsMax));
  return parts;
}
