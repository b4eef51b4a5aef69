import type { Policy, ZoneRule } from '../../policy/policy.ts';
import { allowedPorts, rulesOf, withoutConditions } from './allowed-ports.ts';
import { httpAction, pathExpression } from './http-action.ts';
import {
  dnsLabel,
  type ExportOrder,
  manifestByZone,
  type PolicyExport,
  type ZonePlace,
} from './policy-export.ts';

/** One CiliumNetworkPolicy for each zone, of what may come in. */
export const ciliumNetworkPolicy: PolicyExport = {
  name: 'cilium',
  summary: 'CiliumNetworkPolicy (cilium.io/v2): ports, and actions of HTTP on named ports',
  source: 'https://docs.cilium.io/en/stable/security/policy/language/',
  enforced,
  write: manifestByZone('cilium-network-policies.json', ciliumPolicy),
};

/** Layer 7 is looked at on named ports only, and only to let pass. */
function enforced(policy: Policy): Policy {
  const isSayable = (rule: ZoneRule) => {
    if (rule.protocols !== undefined) return false;
    return rule.actions === undefined || isHttpRule(rule);
  };
  return withoutConditions(policy, isSayable, 'protocols', 'actions');
}

function isHttpRule(rule: ZoneRule): boolean {
  const isHttp = rule.actions?.every((action) => httpAction(action) !== undefined) ?? false;
  return isHttp && rule.verdict !== 'denied' && rule.ports !== undefined && rule.protocols === undefined;
}

function ciliumPolicy({ policy, zones, placeOf }: ExportOrder, to: string): object {
  const limited = enforced(policy);
  const place = placeOf(to);
  const ingress = zones.flatMap((from) => {
    const entries = [...portEntry(limited, from, to), ...httpEntries(limited, from, to)];
    return entries.map((entry) => ({ fromEndpoints: [{ matchLabels: labelsOf(placeOf(from)) }], ...entry }));
  });
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: `amiss-${dnsLabel(to)}`, namespace: place.namespace },
    spec: { endpointSelector: { matchLabels: place.labels }, ingress: ingress.length === 0 ? [{}] : ingress },
  };
}

/** What passes whatever its action. */
function portEntry(limited: Policy, from: string, to: string): readonly object[] {
  const rules = limited.zones.rules.filter((rule) => rule.actions === undefined);
  const { ranges, isEvery } = allowedPorts({ ...limited, zones: { ...limited.zones, rules } }, from, to);
  if (ranges.length === 0) return [];
  if (isEvery) return [{}];
  const ports = ranges.map(([port, endPort]) => ({
    port: String(port),
    ...(endPort === port ? {} : { endPort }),
    protocol: 'TCP',
  }));
  return [{ toPorts: [{ ports }] }];
}

/** What passes for its action: where nothing before it denies the port. */
function httpEntries(limited: Policy, from: string, to: string): readonly object[] {
  const rules = rulesOf(limited, from, to);
  return rules.flatMap((rule, index) => {
    if (rule.actions === undefined) return [];
    const denied = new Set(rules.slice(0, index).flatMap(deniedPorts));
    const ports = (rule.ports ?? []).filter((port) => !denied.has(port) && !denied.has('every'));
    const http = rule.actions.flatMap((action) => {
      const parsed = httpAction(action);
      if (parsed === undefined) return [];
      const path = pathExpression(parsed.path);
      return [parsed.method === undefined ? { path } : { method: parsed.method, path }];
    });
    if (ports.length === 0) return [];
    const listed = ports.map((port) => ({ port: String(port), protocol: 'TCP' }));
    return [{ toPorts: [{ ports: listed, rules: { http } }] }];
  });
}

function deniedPorts(rule: ZoneRule): readonly (number | 'every')[] {
  if (rule.verdict !== 'denied') return [];
  return rule.ports ?? ['every'];
}

function labelsOf({ namespace, labels }: ZonePlace): Readonly<Record<string, string>> {
  return { 'k8s:io.kubernetes.pod.namespace': namespace, ...labels };
}
