import type { AmissEvent } from '../event.ts';
import { compilePattern, compilePatterns, type Matcher } from './pattern.ts';
import type { Policy, PolicyVerdict, ZoneRule } from './policy.ts';
import { tlsRank } from './tls-version.ts';

/** What of an event a crossing is judged by; an edge of the store has the same fields. */
type Call = Pick<AmissEvent, 'source_zone' | 'destination_zone' | 'protocol' | 'destination_port' | 'action'>;

/** How a call between zones was judged, and which line of the policy said so. */
export interface Crossing {
  readonly verdict: PolicyVerdict;
  /** Index in `policy.zones.rules`; `null` where a default decided. */
  readonly rule: number | null;
}

/** A policy made ready for every event: matrices and sets instead of lists, nothing that allocates on a hit. */
export interface CompiledPolicy {
  readonly policy: Policy;
  /** The matrix: first rule that fits, else the default of the pair. */
  crossing(call: Call): Crossing;
  /** The least version that the policy asks of an agent; `undefined` where it asks none. */
  versionMin(agent: string): string | undefined;
  readonly isIdentityExempt: Matcher;
  readonly isTlsExempt: Matcher;
  readonly isIssuerKnown: Matcher;
  readonly isAudienceKnown: Matcher;
  readonly isAlgorithmKnown: Matcher;
  readonly isCipherDenied: Matcher;
  readonly tlsRankMin: number;
}

/** Pairs of zones whose rules are kept ready; beyond them the table starts anew. */
const pairsMax = 16_384;
/** Agents whose least version is kept ready; beyond them the table starts anew. */
const versionsMax = 65_536;

/** Compiles a policy; do it once for each edit. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const anyUnlessNamed = (names: readonly string[]) =>
    names.length === 0 ? () => true : compilePatterns(names);
  return {
    policy,
    crossing: compileMatrix(policy),
    versionMin: compileVersions(policy),
    isIdentityExempt: compilePatterns(policy.identity.exempt),
    isTlsExempt: compilePatterns(policy.tls.exempt),
    isIssuerKnown: anyUnlessNamed(policy.tokens.issuers),
    isAudienceKnown: anyUnlessNamed(policy.tokens.audiences),
    isAlgorithmKnown: anyUnlessNamed(policy.tokens.algorithms),
    isCipherDenied: compilePatterns(policy.tls.ciphers_denied),
    tlsRankMin: tlsRank(policy.tls.version_min) ?? 0,
  };
}

interface Cell {
  readonly rules: readonly CompiledRule[];
  readonly otherwise: Crossing;
}

interface CompiledRule {
  readonly crossing: Crossing;
  readonly from: Matcher;
  readonly to: Matcher;
  /** `undefined` fits every call of the pair. */
  readonly fits: ((call: Call) => boolean) | undefined;
}

function compileMatrix(policy: Policy): (call: Call) => Crossing {
  const rules = policy.zones.rules.map(compileRule);
  const unknown: Crossing = { verdict: policy.zones.unknown, rule: null };
  const cells = new Map<string, Map<string, Cell>>();
  let pairs = 0;
  const remember = (from: string, to: string): Cell => {
    if (pairs >= pairsMax) {
      cells.clear();
      pairs = 0;
    }
    const cell = compileCell(policy, rules, from, to);
    const row = cells.get(from) ?? new Map<string, Cell>();
    cells.set(from, row.set(to, cell));
    pairs += 1;
    return cell;
  };
  return (call) => {
    const from = call.source_zone;
    const to = call.destination_zone;
    if (from === undefined || to === undefined) return unknown;
    const cell = cells.get(from)?.get(to) ?? remember(from, to);
    for (const rule of cell.rules) if (rule.fits === undefined || rule.fits(call)) return rule.crossing;
    return cell.otherwise;
  };
}

function compileCell(policy: Policy, rules: readonly CompiledRule[], from: string, to: string): Cell {
  const fitting = rules.filter((rule) => rule.from(from) && rule.to(to));
  const verdict = from === to ? policy.zones.within : policy.zones.default;
  return { rules: fitting, otherwise: { verdict, rule: null } };
}

function compileRule(rule: ZoneRule, index: number): CompiledRule {
  const protocols = rule.protocols === undefined ? undefined : compilePatterns(rule.protocols);
  const actions = rule.actions === undefined ? undefined : compilePatterns(rule.actions);
  const ports = rule.ports === undefined ? undefined : new Set(rule.ports);
  const isConditional = protocols !== undefined || actions !== undefined || ports !== undefined;
  const fits = (call: Call) =>
    (protocols === undefined || (call.protocol !== undefined && protocols(call.protocol))) &&
    (actions === undefined || (call.action !== undefined && actions(call.action))) &&
    (ports === undefined || (call.destination_port !== undefined && ports.has(call.destination_port)));
  return {
    crossing: { verdict: rule.verdict, rule: index },
    from: compilePatterns(rule.from),
    to: compilePatterns(rule.to),
    fits: isConditional ? fits : undefined,
  };
}

function compileVersions(policy: Policy): (agent: string) => string | undefined {
  const rules = policy.versions.map((rule) => ({
    matchers: rule.agents.map(compilePattern),
    versionMin: rule.version_min,
  }));
  const known = new Map<string, string | undefined>();
  return (agent) => {
    if (known.has(agent)) return known.get(agent);
    if (known.size >= versionsMax) known.clear();
    const rule = rules.find(({ matchers }) => matchers.some((matches) => matches(agent)));
    known.set(agent, rule?.versionMin);
    return rule?.versionMin;
  };
}
