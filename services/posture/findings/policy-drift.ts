import { dateOf } from '#shared/date-of.ts';
import type { CompiledPolicy } from '#shared/policy/compile-policy.ts';
import { compilePatterns } from '#shared/policy/pattern.ts';
import type { ZoneRule } from '#shared/policy/policy.ts';
import { type LearnedMatrix, learnMatrix, type MatrixCell } from '#shared/posture/learned-matrix.ts';
import { lastDays } from '#shared/posture/period.ts';
import type { PostureFound } from '#shared/posture/posture-signal.ts';
import { type Finding, type Look, weekOf } from './finding.ts';

const dayMs = 86_400_000;
const lookBackDays = 30;
/** A crossing that goes on for a week is a habit; the first call of it was told when it came. */
const habitMs = 7 * dayMs;
/** A rule that nobody used for so long, by a log that reaches as far back, is a door that nobody needs. */
const unusedMs = 28 * dayMs;

/** The policy and the network come to mean different things: crossings without a rule, and rules without a crossing. */
export const policyDrift: Finding = {
  name: 'policy-drift',
  summary: 'A crossing that has become a habit and no rule names, or a rule that allows what nobody does',
  source: 'NIST SP 800-207, section 3.1.2: micro-segmentation; CISA Zero Trust Maturity Model 2.0, Networks',
  find: async ({ store, intentions }, look) => {
    const policy = intentions.policy(look.space);
    if (policy.policy.zones.rules.length === 0) return []; // nothing is meant, so nothing drifts
    const matrix = await learnMatrix(
      store,
      intentions.registry,
      lastDays(look.space, lookBackDays, look.now)[0],
    );
    return [...unruledCrossings(policy, matrix, look), ...unusedRules(policy, matrix, look)];
  },
};

function unruledCrossings(
  policy: CompiledPolicy,
  matrix: LearnedMatrix,
  look: Look,
): readonly PostureFound[] {
  const isHabit = (cell: MatrixCell) =>
    cell.last_time - cell.first_time >= habitMs && cell.last_time >= look.now - dayMs;
  const isUnruled = ({ from, to }: MatrixCell) => {
    const { verdict, rule } = policy.crossing({ source_zone: from, destination_zone: to });
    return from !== to && verdict === 'allowed' && rule === null && !isPartlyRuled(policy, from, to);
  };
  return matrix.cells
    .filter((cell) => isHabit(cell) && isUnruled(cell))
    .map((cell) => ({
      space: look.space,
      detector: policyDrift.name,
      tier: 'notice',
      agent: cell.busiest.source,
      peer: cell.busiest.destination,
      cause: `unruled/${cell.from}/${cell.to}/${weekOf(look.now)}`,
      time: cell.last_time,
      from: cell.first_time,
      observed: cell.calls,
      expected: 0,
      unit: 'calls that no rule names',
      subject: `${cell.from} → ${cell.to}`,
      sentence:
        `${cell.calls.toLocaleString('en')} calls from ${cell.from} to ${cell.to} since ${dateOf(cell.first_time)}, most ` +
        `of them of ${cell.busiest.source} to ${cell.busiest.destination}, and no rule of the policy names this crossing`,
    }));
}

/** Is the pair named by a rule for some ports or actions? Then the rest was left open on purpose. */
function isPartlyRuled({ policy }: CompiledPolicy, from: string, to: string): boolean {
  return policy.zones.rules.some((rule) => names(rule, { from, to }));
}

function unusedRules({ policy }: CompiledPolicy, matrix: LearnedMatrix, look: Look): readonly PostureFound[] {
  const oldest = Math.min(...matrix.cells.map((cell) => cell.first_time));
  const newest = Math.max(...matrix.cells.map((cell) => cell.last_time));
  if (!(look.now - oldest >= unusedMs)) return [];
  return policy.zones.rules.flatMap((rule, index): readonly PostureFound[] => {
    if (rule.verdict !== 'allowed' || matrix.cells.some((cell) => names(rule, cell))) return [];
    const pair = `${rule.from.join(', ')} → ${rule.to.join(', ')}`;
    return [
      {
        space: look.space,
        detector: policyDrift.name,
        tier: 'notice',
        agent: 'amiss',
        peer: null,
        cause: `unused/${pair}/${weekOf(look.now)}`,
        time: newest,
        from: oldest,
        observed: 0,
        expected: null,
        unit: 'calls that the rule allowed',
        subject: pair,
        sentence: `rule ${index} of the policy allows ${pair}, and nobody used it in ${lookBackDays} days: remove it`,
      },
    ];
  });
}

function names(rule: ZoneRule, { from, to }: { readonly from: string; readonly to: string }): boolean {
  return compilePatterns(rule.from)(from) && compilePatterns(rule.to)(to);
}
