import { expect, test } from 'vitest';
import { documentsOf } from '#shared/registry/imports/documents.ts';
import { roles } from '#shared/registry/imports/roles.ts';
import { grantsOfRoles } from '#shared/registry/role-list.ts';

const wishes = { agent: '{namespace}/{name}', name: 'kubernetes', now: 0 };
const read = (content: string) => {
  const { roleLists, skipped } = roles.read(documentsOf(content), wishes);
  return { grants: roleLists.flatMap(grantsOfRoles), names: roleLists.map(({ name }) => name), skipped };
};

test('a declared list grants each agent of a binding what its role may', () => {
  const { grants, names, skipped } = read(`
name: payments
roles:
  - { name: reader, grants: [{ to: [shop], actions: ['GET *'] }, { to: [logs] }] }
bindings:
  - { role: reader, agents: [web, 'batch-*'], since: 2026-01-05 }
`);
  const since = Date.UTC(2026, 0, 5);
  expect([names, skipped]).toEqual([['payments'], []]);
  expect(grants).toEqual([
    { agent: 'web', to: ['shop'], actions: ['GET *'], role: 'reader', since },
    { agent: 'web', to: ['logs'], actions: ['*'], role: 'reader', since },
    { agent: 'batch-*', to: ['shop'], actions: ['GET *'], role: 'reader', since },
    { agent: 'batch-*', to: ['logs'], actions: ['*'], role: 'reader', since },
  ]);
});

test('a binding to a role that is not there is a fault by key and remedy', () => {
  expect(read('{ name: a, roles: [], bindings: [{ role: ghost, agents: [web] }] }').skipped).toEqual([
    'roles.bindings.0.role: there is no role "ghost" in this list; add it',
  ]);
});

const rbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: viewer }
rules:
  - { apiGroups: ['', apps], resources: [pods, pods/log], verbs: [get, list] }
  - { nonResourceURLs: [/healthz/ready], verbs: [get] }
---
kind: Role
metadata: { name: keeper, namespace: shop }
rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
---
kind: ClusterRole
metadata: { name: bound-to-nobody }
rules: [{ apiGroups: [''], resources: [secrets], verbs: [get] }]
---
kind: ClusterRoleBinding
metadata: { name: viewers, creationTimestamp: '2026-02-01T00:00:00Z' }
roleRef: { kind: ClusterRole, name: viewer }
subjects:
  - { kind: ServiceAccount, name: cart, namespace: shop }
  - { kind: User, name: ada }
  - { kind: Group, name: 'system:serviceaccounts:batch' }
  - { kind: Group, name: admins }
---
kind: RoleBinding
metadata: { name: keepers, namespace: shop }
roleRef: { kind: Role, name: keeper }
subjects: [{ kind: ServiceAccount, name: janitor }]
---
kind: RoleBinding
metadata: { name: lost, namespace: shop }
roleRef: { kind: ClusterRole, name: elsewhere }
subjects: [{ kind: ServiceAccount, name: janitor }]
`;

test('roles of Kubernetes speak the words of its audit log', () => {
  const { grants, skipped } = read(rbac);
  const since = Date.UTC(2026, 1, 1);
  const viewer = { role: 'ClusterRole/viewer', since };
  expect(grants.filter(({ agent }) => agent === 'shop/cart')).toEqual([
    {
      agent: 'shop/cart',
      to: ['kubernetes', 'kubernetes/apps'],
      actions: ['get pods', 'get pods/log', 'list pods', 'list pods/log'],
      ...viewer,
    },
    { agent: 'shop/cart', to: ['kubernetes'], actions: ['get /healthz'], ...viewer },
  ]);
  expect([...new Set(grants.map(({ agent }) => agent))]).toEqual([
    'shop/cart',
    'ada',
    'batch/*',
    'shop/janitor',
  ]);
  expect(grants.find(({ agent }) => agent === 'shop/janitor')).toEqual({
    agent: 'shop/janitor',
    to: ['kubernetes*'],
    actions: ['* *'],
    role: 'Role/shop/keeper',
  });
  expect(skipped).toEqual([
    'ClusterRoleBinding viewers: who is in the Group admins is not known here',
    'RoleBinding lost: its role ClusterRole/elsewhere is not in the file',
  ]);
});
