import type { Policy, ZoneRule } from '../../policy/policy.ts';
import { type AllowedPorts, allowedPorts, rulesOf, withoutConditions } from './allowed-ports.ts';
import { httpAction } from './http-action.ts';
import { dnsLabel, type ExportOrder, manifestByZone, type PolicyExport } from './policy-export.ts';

/** Ports that one rule lists; Istio knows no ranges. */
const portsMax = 4096;

/** One AuthorizationPolicy for each zone, of what may come in. Callers are known by their namespace's identity. */
export const istioAuthorizationPolicy: PolicyExport = {
  name: 'istio',
  summary: 'Istio AuthorizationPolicy (security.istio.io/v1): ports, methods and paths, by proven identity',
  source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
  enforced,
  write: manifestByZone('authorization-policies.json', authorizationPolicy),
};

function enforced(policy: Policy): Policy {
  const isSayable = (rule: ZoneRule) =>
    rule.protocols === undefined && (rule.actions === undefined || isHttpRule(rule));
  return withoutConditions(policy, isSayable, 'protocols', 'actions');
}

/** Istio takes a `*` at an end of a path and `{*}` for one segment. */
function isHttpRule(rule: ZoneRule): boolean {
  const isSayable = (action: string) => {
    const parsed = httpAction(action);
    return parsed !== undefined && !parsed.path.slice(0, -1).includes('*');
  };
  return rule.verdict !== 'denied' && (rule.actions?.every(isSayable) ?? false);
}

function authorizationPolicy({ policy, zones, placeOf }: ExportOrder, to: string): object {
  const limited = enforced(policy);
  const place = placeOf(to);
  const rules = zones.flatMap((from) => {
    const operations = [...portOperations(limited, from, to), ...httpOperations(limited, from, to)];
    if (operations.length === 0) return [];
    const source = { namespaces: [placeOf(from).namespace] };
    const isEvery = operations.some((operation) => Object.keys(operation).length === 0);
    const where = isEvery ? {} : { to: operations.map((operation) => ({ operation })) };
    return [{ from: [{ source }], ...where }];
  });
  const selector = Object.keys(place.labels).length === 0 ? {} : { selector: { matchLabels: place.labels } };
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: `amiss-${dnsLabel(to)}`, namespace: place.namespace },
    spec: { ...selector, action: 'ALLOW', rules },
  };
}

function portOperations(limited: Policy, from: string, to: string): readonly object[] {
  const rules = limited.zones.rules.filter((rule) => rule.actions === undefined);
  const allowed = allowedPorts({ ...limited, zones: { ...limited.zones, rules } }, from, to);
  if (allowed.ranges.length === 0) return [];
  return [allowed.isEvery ? {} : portLists(allowed)];
}

/** Lists what is open, or what is closed where that is shorter. */
function portLists({ ranges }: AllowedPorts): object {
  const open = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (open <= portsMax) return { ports: ranges.flatMap(([first, last]) => portsFrom(first, last)) };
  const edges = [[0, 0], ...ranges, [65_536, 65_536]] as const;
  const closed = edges
    .slice(1)
    .flatMap(([first], index) => portsFrom((edges[index]?.[1] ?? 0) + 1, first - 1));
  return closed.length <= portsMax ? { notPorts: closed } : {};
}

function portsFrom(first: number, last: number): readonly string[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => String(first + i));
}

function httpOperations(limited: Policy, from: string, to: string): readonly object[] {
  const rules = rulesOf(limited, from, to);
  return rules.flatMap((rule, index) => {
    const before = rules.slice(0, index).filter((other) => other.verdict === 'denied');
    if (rule.actions === undefined || before.some((other) => other.ports === undefined)) return [];
    const denied = new Set(before.flatMap((other) => other.ports ?? []));
    const ports = rule.ports?.filter((port) => !denied.has(port)).map(String);
    if (ports?.length === 0) return [];
    const where =
      ports === undefined ? (denied.size === 0 ? {} : { notPorts: [...denied].map(String) }) : { ports };
    return rule.actions.flatMap((action) => {
      const parsed = httpAction(action);
      if (parsed === undefined) return [];
      const paths = [parsed.path.replaceAll(/\{[^{}]*\}/g, '{*}')];
      return [{ ...where, ...(parsed.method === undefined ? {} : { methods: [parsed.method] }), paths }];
    });
  });
}
