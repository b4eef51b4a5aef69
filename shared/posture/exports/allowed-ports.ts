import { compilePatterns } from '../../policy/pattern.ts';
import type { Policy, ZoneRule } from '../../policy/policy.ts';

/** The ports on which one zone may call another: sorted ranges, both ends included; every port, or none. */
export interface AllowedPorts {
  readonly ranges: readonly (readonly [number, number])[];
  readonly isEvery: boolean;
}

const portMin = 1;
const portMax = 65_535;

/**
 * Works the rules of one pair of zones out into ports: rule after rule takes the ports that none before it decided,
 * the default takes the rest. Conditions other than ports are not looked at: drop or keep such rules before.
 */
export function allowedPorts(policy: Policy, from: string, to: string): AllowedPorts {
  const isOpen = new Uint8Array(portMax + 1);
  const isDecided = new Uint8Array(portMax + 1);
  for (const rule of rulesOf(policy, from, to)) {
    const isPassing = rule.verdict === 'denied' ? 0 : 1;
    for (const port of rule.ports ?? everyPort()) {
      if (isDecided[port] === 1) continue;
      isDecided[port] = 1;
      isOpen[port] = isPassing;
    }
  }
  const rest = from === to ? policy.zones.within : policy.zones.default;
  for (const port of everyPort()) if (isDecided[port] === 0 && rest !== 'denied') isOpen[port] = 1;
  const ranges = rangesOf(isOpen);
  const [first] = ranges;
  return { ranges, isEvery: first?.[0] === portMin && first[1] === portMax };
}

/** The rules that are about a pair of zones, in order. */
export function rulesOf(policy: Policy, from: string, to: string): readonly ZoneRule[] {
  return policy.zones.rules.filter(
    (rule) => compilePatterns(rule.from)(from) && compilePatterns(rule.to)(to),
  );
}

/** A rule whose conditions a form cannot say: left out where it denies, without them where it allows. */
export function withoutConditions(
  policy: Policy,
  isSayable: (rule: ZoneRule) => boolean,
  ...conditions: readonly ('protocols' | 'actions')[]
): Policy {
  const rules = policy.zones.rules.flatMap((rule): readonly ZoneRule[] => {
    if (isSayable(rule)) return [passing(rule)];
    if (rule.verdict === 'denied') return [];
    const bare = { ...passing(rule) };
    for (const condition of conditions) delete bare[condition];
    return [bare];
  });
  const { zones } = policy;
  const defaults = {
    default: plain(zones.default),
    within: plain(zones.within),
    unknown: 'allowed' as const,
  };
  return { ...policy, zones: { ...zones, ...defaults, rules } };
}

/** What is watched passes. */
function passing(rule: ZoneRule): ZoneRule {
  return { ...rule, verdict: plain(rule.verdict) };
}

function plain(verdict: ZoneRule['verdict']): 'allowed' | 'denied' {
  return verdict === 'denied' ? 'denied' : 'allowed';
}

function* everyPort(): Generator<number> {
  for (let port = portMin; port <= portMax; port += 1) yield port;
}

function rangesOf(isOpen: Uint8Array): readonly (readonly [number, number])[] {
  const ranges: (readonly [number, number])[] = [];
  let first = 0;
  for (let port = portMin; port <= portMax + 1; port += 1) {
    const isIn = port <= portMax && isOpen[port] === 1;
    if (isIn && first === 0) first = port;
    if (!isIn && first !== 0) {
      ranges.push([first, port - 1]);
      first = 0;
    }
  }
  return ranges;
}
