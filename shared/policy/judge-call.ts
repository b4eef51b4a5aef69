import type { Registry } from '../registry/registry.ts';
import type { CompiledPolicy } from './compile-policy.ts';
import { tlsRank } from './tls-version.ts';

/** A call as the store groups it: absent is null, also an end that the policy does not ask for. */
export interface JudgedCall {
  readonly source: string | null;
  readonly destination: string | null;
  readonly source_zone: string | null;
  readonly destination_zone: string | null;
  readonly source_kind: string | null;
  readonly protocol: string | null;
  readonly destination_port: number | null;
  readonly action: string | null;
  readonly auth_method: string | null;
  readonly tls_version: string | null;
  readonly mtls: boolean | null;
  readonly mfa: boolean | null;
}

/** Which part of a policy speaks against a call. */
export type Objection =
  | { readonly kind: 'crossing'; readonly verdict: 'denied' | 'watched'; readonly rule: number | null }
  | { readonly kind: 'anonymous'; readonly verdict: 'denied' | 'watched' }
  | { readonly kind: 'unregistered'; readonly verdict: 'denied' | 'watched' }
  | { readonly kind: 'plaintext'; readonly verdict: 'denied' | 'watched' }
  | { readonly kind: 'tls_version' | 'mtls' | 'mfa'; readonly verdict: 'denied' };

/** All that a policy has against a call, the crossing first; none when the call may be. */
export function judgeCall(
  policy: CompiledPolicy,
  registry: Registry,
  space: string,
  call: JudgedCall,
): readonly Objection[] {
  return [
    ...crossingObjections(policy, registry, space, call),
    ...identityObjections(policy, registry, space, call),
    ...transportObjections(policy, call),
  ];
}

function crossingObjections(
  policy: CompiledPolicy,
  registry: Registry,
  space: string,
  call: JudgedCall,
): readonly Objection[] {
  const from = call.source_zone ?? zoneOf(registry, space, call.source);
  const to = call.destination_zone ?? zoneOf(registry, space, call.destination);
  const { verdict, rule } = policy.crossing({
    ...(from === undefined ? {} : { source_zone: from }),
    ...(to === undefined ? {} : { destination_zone: to }),
    ...(call.protocol === null ? {} : { protocol: call.protocol }),
    ...(call.destination_port === null ? {} : { destination_port: call.destination_port }),
    ...(call.action === null ? {} : { action: call.action }),
  });
  return verdict === 'allowed' ? [] : [{ kind: 'crossing', verdict, rule }];
}

function zoneOf(registry: Registry, space: string, agent: string | null): string | undefined {
  return agent === null ? undefined : registry.zoneOf(space, agent);
}

const anonymousMethods = new Set(['none', 'anonymous', 'unauthenticated']);
const foreignKinds = new Set(['human', 'external']);

function identityObjections(
  compiled: CompiledPolicy,
  registry: Registry,
  space: string,
  call: JudgedCall,
): readonly Objection[] {
  if (call.source !== null && compiled.isIdentityExempt(call.source)) return [];
  const { anonymous, unregistered, mfa_kinds: kinds } = compiled.policy.identity;
  const objections: Objection[] = [];
  if (anonymous !== 'allowed' && call.auth_method !== null && anonymousMethods.has(call.auth_method))
    objections.push({ kind: 'anonymous', verdict: anonymous });
  const isShadow =
    call.source !== null &&
    registry.isUsed(space) &&
    !registry.isRegistered(space, call.source) &&
    !foreignKinds.has(call.source_kind ?? '');
  if (unregistered !== 'allowed' && isShadow)
    objections.push({ kind: 'unregistered', verdict: unregistered });
  if (call.mfa === false && kinds.some((kind) => kind === call.source_kind))
    objections.push({ kind: 'mfa', verdict: 'denied' });
  return objections;
}

function transportObjections(compiled: CompiledPolicy, call: JudgedCall): readonly Objection[] {
  if (call.destination !== null && compiled.isTlsExempt(call.destination)) return [];
  const { plaintext, mtls } = compiled.policy.tls;
  const objections: Objection[] = [];
  const rank = call.tls_version === null ? undefined : tlsRank(call.tls_version);
  if (rank === 0 && plaintext !== 'allowed') objections.push({ kind: 'plaintext', verdict: plaintext });
  if (rank !== undefined && rank > 0 && rank < compiled.tlsRankMin)
    objections.push({ kind: 'tls_version', verdict: 'denied' });
  if (mtls === 'required' && call.mtls === false) objections.push({ kind: 'mtls', verdict: 'denied' });
  return objections;
}
