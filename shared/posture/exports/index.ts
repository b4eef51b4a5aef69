import { ciliumNetworkPolicy } from './cilium-network-policy.ts';
import { istioAuthorizationPolicy } from './istio-authorization-policy.ts';
import { kubernetesNetworkPolicy } from './kubernetes-network-policy.ts';
import { opaRego } from './opa-rego.ts';
import type { PolicyExport } from './policy-export.ts';

/** Every form in which the matrix of zones can be taken elsewhere. */
export const policyExports: readonly PolicyExport[] = [
  kubernetesNetworkPolicy,
  ciliumNetworkPolicy,
  istioAuthorizationPolicy,
  opaRego,
];
