import type { Policy } from '../../policy/policy.ts';
import { allowedPorts, withoutConditions } from './allowed-ports.ts';
import {
  dnsLabel,
  type ExportOrder,
  manifestByZone,
  type PolicyExport,
  type ZonePlace,
} from './policy-export.ts';

/** One NetworkPolicy for each zone, of what may come in. */
export const kubernetesNetworkPolicy: PolicyExport = {
  name: 'kubernetes',
  summary: 'Kubernetes NetworkPolicy (networking.k8s.io/v1): ports, no actions',
  source: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/',
  enforced,
  write: manifestByZone('network-policies.json', networkPolicy),
};

/** A NetworkPolicy knows ports alone. */
function enforced(policy: Policy): Policy {
  const isSayable = (rule: Policy['zones']['rules'][number]) =>
    rule.protocols === undefined && rule.actions === undefined;
  return withoutConditions(policy, isSayable, 'protocols', 'actions');
}

function networkPolicy({ policy, zones, placeOf }: ExportOrder, to: string): object {
  const limited = enforced(policy);
  const place = placeOf(to);
  const ingress = zones.flatMap((from) => {
    const { ranges, isEvery } = allowedPorts(limited, from, to);
    if (ranges.length === 0) return [];
    const ports = ranges.map(([port, endPort]) => ({
      protocol: 'TCP',
      port,
      ...(endPort === port ? {} : { endPort }),
    }));
    return [{ from: [peerOf(placeOf(from))], ...(isEvery ? {} : { ports }) }];
  });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `amiss-${dnsLabel(to)}`, namespace: place.namespace },
    spec: { podSelector: { matchLabels: place.labels }, policyTypes: ['Ingress'], ingress },
  };
}

function peerOf({ namespace, labels }: ZonePlace): object {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...(Object.keys(labels).length === 0 ? {} : { podSelector: { matchLabels: labels } }),
  };
}
