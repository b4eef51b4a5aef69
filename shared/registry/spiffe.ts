import type { Declaration } from './declaration.ts';

/**
 * What a SPIFFE id says of its workload: `/ns/NAMESPACE/sa/ACCOUNT` (Istio, Kubernetes) gives zone and group, any other
 * path gives its first segment as zone. `undefined` when it is no SPIFFE id.
 *
 * @source SPIFFE-ID 1.0, section 2; Istio identity: spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT
 * @example declarationOfSpiffe('spiffe://prod/ns/shop/sa/cart')?.zone; // => 'shop'
 */
export function declarationOfSpiffe(id: string): Declaration | undefined {
  const match = /^spiffe:\/\/([a-z0-9._-]{1,255})((?:\/[a-zA-Z0-9._-]+)+)$/.exec(id);
  const [, domain, path] = match ?? [];
  if (domain === undefined || path === undefined) return undefined;
  const said: Declaration = { agent: id, origin: 'spiffe', source: id, identities: [id] };
  const kubernetes = /^\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(path);
  if (kubernetes?.[1] !== undefined && kubernetes[2] !== undefined)
    return { ...said, kind: 'service', zone: kubernetes[1], peer_group: kubernetes[2] };
  const [zone, ...rest] = path.slice(1).split('/');
  return { ...said, zone: zone ?? domain, ...(rest.length > 0 ? { peer_group: `${domain}/${zone}` } : {}) };
}
