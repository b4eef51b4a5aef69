import { CiliumNetworkPolicy } from '@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy';
import { AuthorizationPolicy } from '@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { expect, test } from 'vitest';
import { declarationOfWorkload } from '#shared/registry/kubernetes.ts';
import { createRegistry } from '#shared/registry/registry.ts';
import { isolationManifests } from '../../../../services/containment/manifests.ts';

const agent = 'spiffe://prod/ns/shop/sa/cart';

test('an agent imported from Kubernetes gets policies that the published schemas take', () => {
  const registry = createRegistry();
  const metadata = { name: 'cart', namespace: 'shop', labels: { app: 'cart' } };
  const declaration = declarationOfWorkload({ kind: 'Deployment', metadata }, agent);
  registry.decide('agent/cart', {
    id: '1',
    key: 'agent/cart',
    kind: 'agent',
    time: 0,
    space: 'default',
    by: 'test',
    reason: '',
    body: declaration,
  });
  const [network, cilium, istio] = isolationManifests(agent, registry.get('default', agent));
  new NetworkPolicy(network as never).validate();
  new CiliumNetworkPolicy(cilium as never).validate();
  new AuthorizationPolicy(istio as never).validate();
  expect(network).toMatchObject({
    metadata: { namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Ingress', 'Egress'] },
  });
  expect(istio).toMatchObject({
    spec: { rules: [{ from: [{ source: { principals: ['prod/ns/shop/sa/cart'] } }] }] },
  });
});

test('an agent of which nothing is known gets none', () => {
  expect(isolationManifests('laptop-7', undefined)).toEqual([]);
});
