import { expect, test } from 'vitest';
import { documentsOf } from '#shared/registry/imports/documents.ts';
import { kubernetesObjects } from '#shared/registry/imports/kubernetes-objects.ts';

const wishes = { agent: '{namespace}/{name}', name: 'kubernetes', now: 0 };
const deployment = {
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop', labels: { 'app.kubernetes.io/part-of': 'shop team' } },
  spec: {
    selector: { matchLabels: { app: 'cart' } },
    template: {
      metadata: { labels: { app: 'cart', zone: 'app' } },
      spec: { serviceAccountName: 'cart', containers: [{ image: 'registry.example:5000/shop/cart:2.4.1' }] },
    },
  },
};
const pod = (name: string, owner: object | undefined, labels: Record<string, string> = {}) => ({
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    labels: { app: 'cart', ...labels },
    ...(owner === undefined ? {} : { ownerReferences: [owner] }),
  },
  spec: { containers: [{ image: 'cart@sha256:00' }] },
});

test('a deployment says its owner, zone, group, version and by which labels its pods are selected', () => {
  const { declarations } = kubernetesObjects.read(
    documentsOf(JSON.stringify({ kind: 'List', items: [deployment] })),
    wishes,
  );
  expect(declarations).toEqual([
    {
      agent: 'shop/cart',
      origin: 'kubernetes',
      source: 'deployment/shop/cart',
      owner: 'shop team',
      zone: 'app',
      peer_group: 'cart',
      versions: ['2.4.1'],
      labels: { 'k8s/namespace': 'shop', 'k8s/service-account': 'cart', 'k8s/label/app': 'cart' },
    },
  ]);
});

test.each([
  [
    'of a deployment',
    pod(
      'cart-7d9f8b6c5d-x2x4z',
      { kind: 'ReplicaSet', name: 'cart-7d9f8b6c5d' },
      { 'pod-template-hash': '7d9f8b6c5d' },
    ),
    'shop/cart',
  ],
  ['of a stateful set', pod('db-0', { kind: 'StatefulSet', name: 'db' }), 'shop/db'],
  ['of a cron job', pod('report-29391480-abcde', { kind: 'Job', name: 'report-29391480' }), 'shop/report'],
  ['of nobody', pod('debug', undefined), 'shop/debug'],
])('a pod %s stands for the workload, without labels that differ from pod to pod', (_, object, agent) => {
  const { declarations } = kubernetesObjects.read([object], wishes);
  expect(declarations.map((one) => one.agent)).toEqual([agent]);
  expect(declarations[0]?.labels).toEqual({ 'k8s/namespace': 'shop', 'k8s/label/app': 'cart' });
});

test('the workload goes before its pods, and its parts are no agents of their own', () => {
  const owned = { kind: 'ReplicaSet', name: 'cart-7d9f8b6c5d' };
  const hash = { 'pod-template-hash': '7d9f8b6c5d' };
  const replicaSet = {
    kind: 'ReplicaSet',
    metadata: { name: 'cart-7d9f8b6c5d', ownerReferences: [{ kind: 'Deployment', name: 'cart' }] },
  };
  const items = [deployment, pod('cart-7d9f8b6c5d-x2x4z', owned, hash), replicaSet];
  const { declarations, skipped } = kubernetesObjects.read(items, wishes);
  expect(declarations.map(({ source }) => source)).toEqual(['deployment/shop/cart']);
  expect(skipped).toEqual([]);
});

test('agents may be named as the logs name them', () => {
  const agents = (agent: string) =>
    kubernetesObjects.read([deployment], { ...wishes, agent }).declarations.map((one) => one.agent);
  expect(agents('{name}')).toEqual(['cart']);
  expect(agents('{label:app}.{namespace}')).toEqual(['cart.shop']);
});

test('what runs nothing is told', () => {
  expect(kubernetesObjects.read([{ kind: 'ConfigMap', metadata: { name: 'x' } }], wishes).skipped).toEqual([
    'document 0: ConfigMap runs nothing',
  ]);
});
