import type { PolicyVerdict } from '../policy/policy.ts';
import { type EvidenceSources, gatherEvidence, type PostureEvidence } from './evidence.ts';
import { type PostureDay, postureDays, storedSpan } from './facts.ts';
import { type LearnedMatrix, type MatrixCell, type MatrixDrift, matrixDrift } from './learned-matrix.ts';
import { type Measure, measures } from './measures.ts';
import { lastDays } from './period.ts';
import { type Pillar, pillars, type Stage, stageOf, tenets } from './principles.ts';
import type { Assessed } from './schedule.ts';
import type { VersionFinding } from './versions.ts';

const actionsMax = 10;
const listedMax = 50;

/** A measure with its score. */
export interface MeasuredScore {
  readonly name: string;
  readonly title: string;
  readonly pillar: Pillar;
  readonly tenets: readonly number[];
  /** 0 to 100; `null` where nothing could be measured. */
  readonly score: number | null;
  readonly good: number;
  readonly of: number;
  readonly unit: string;
  /** Score of the period before; `null` where it could not be measured. */
  readonly before: number | null;
  readonly examples: readonly string[];
  /** What was measured, or what to log so that it can be. */
  readonly sentence: string;
}

/** The score of a tenet or pillar: the weighted mean of its measures. */
export interface GroupScore {
  readonly title: string;
  readonly score: number | null;
  readonly before: number | null;
  readonly stage: Stage | null;
  readonly measures: readonly string[];
}

/** Something to do, and what it would bring. */
export interface PostureAction {
  readonly measure: string;
  readonly text: string;
  /** Points that the whole score would rise by. */
  readonly gain: number;
  readonly examples: readonly string[];
}

/** What was seen between two zones, and what the policy says of it; ports and actions may still differ. */
export interface JudgedCell extends MatrixCell {
  readonly verdict: PolicyVerdict;
}

interface JudgedMatrix extends LearnedMatrix {
  readonly cells: readonly JudgedCell[];
}

/** How far a space keeps to zero trust, measured over a period. */
export interface Assessment {
  readonly space: string;
  /** UTC ms. */
  readonly from: number;
  readonly to: number;
  readonly calls: number;
  /** Where the period holds no calls: from when to when those are that are stored, UTC ms; else `null`. */
  readonly elsewhere: { readonly from: number; readonly to: number } | null;
  readonly score: number | null;
  readonly before: number | null;
  readonly stage: Stage | null;
  /** The assessment that was recorded last; `null` for the first one. */
  readonly last: { readonly at: number; readonly score: number | null } | null;
  readonly tenets: readonly GroupScore[];
  readonly pillars: readonly GroupScore[];
  readonly measures: readonly MeasuredScore[];
  readonly actions: readonly PostureAction[];
  readonly days: readonly PostureDay[];
  readonly matrix: JudgedMatrix;
  readonly drift: readonly MatrixDrift[];
  readonly versions: readonly VersionFinding[];
}

interface AssessmentRequest {
  readonly space: string;
  readonly days: number;
  readonly now: number;
  readonly last?: Pick<Assessed, 'at' | 'score'> | undefined;
}

/**
 * Measures the posture of a space over the last days, and the same number of days before them for the trend.
 *
 * @param request.now end of the period, UTC ms
 * @param request.last what was recorded last, for the trend since then
 */
export async function assess(
  sources: EvidenceSources,
  request: AssessmentRequest,
  signal?: AbortSignal,
): Promise<Assessment> {
  const [period, periodBefore] = lastDays(request.space, request.days, request.now);
  const evidence = await gatherEvidence(sources, period, signal);
  const earlier = await gatherEvidence(sources, periodBefore, signal);
  const scored = measures.map((measure) => scoreOf(measure, evidence, earlier, sources));
  const { calls } = evidence.facts;
  // Grants that nobody used say nothing of a time in which nobody called: it has no score, now or before.
  const total = groupScore('All measures', calls > 0 ? scored : []);
  return {
    space: period.space,
    from: period.from,
    to: period.to,
    calls,
    elsewhere: calls > 0 ? null : await storedSpan(sources.store, request.space, signal),
    score: total.score,
    before: earlier.facts.calls > 0 ? total.before : null,
    stage: total.stage,
    last: request.last === undefined ? null : { at: request.last.at, score: request.last.score },
    tenets: tenets.map(({ id, title }) =>
      groupScore(
        `${id}. ${title}`,
        scored.filter((measured) => measured.tenets.includes(id)),
      ),
    ),
    pillars: pillars.map((pillar) =>
      groupScore(
        pillar,
        scored.filter((measured) => measured.pillar === pillar),
      ),
    ),
    measures: scored,
    actions: bestActions(scored),
    days: await postureDays(sources.store, period, signal),
    matrix: judgedMatrix(evidence, sources),
    // Beside a time without calls every crossing would be new.
    drift: earlier.facts.calls > 0 ? matrixDrift(earlier.matrix, evidence.matrix).slice(0, listedMax) : [],
    versions: evidence.versions.slice(0, listedMax),
  };
}

function judgedMatrix({ matrix, period }: PostureEvidence, { intentions }: EvidenceSources): JudgedMatrix {
  const policy = intentions.policy(period.space);
  const judged = matrix.cells.slice(0, listedMax).map((cell) => {
    const { verdict } = policy.crossing({ source_zone: cell.from, destination_zone: cell.to });
    return { ...cell, verdict };
  });
  return { ...matrix, cells: judged };
}

function scoreOf(
  measure: Measure,
  evidence: PostureEvidence,
  earlier: PostureEvidence,
  { intentions }: EvidenceSources,
): MeasuredScore {
  const { good, of, examples } = measure.count(evidence, intentions);
  const before = measure.count(earlier, intentions);
  const sentence =
    of === 0
      ? `not measured: nothing tells; ${measure.remedy}`
      : `${good.toLocaleString('en')} of ${of.toLocaleString('en')} ${measure.unit}`;
  return {
    name: measure.name,
    title: measure.title,
    pillar: measure.pillar,
    tenets: measure.tenets,
    score: shareOf(good, of),
    good,
    of,
    unit: measure.unit,
    before: shareOf(before.good, before.of),
    examples,
    sentence,
  };
}

/** Rounded down to a tenth, so that one fault in a million never reads as 100. */
function shareOf(good: number, of: number): number | null {
  return of === 0 ? null : Math.floor((good / of) * 1000) / 10;
}

const weightOf = new Map(measures.map((measure) => [measure.name, measure.weight]));

function groupScore(title: string, scored: readonly MeasuredScore[]): GroupScore {
  const score = weightedMean(scored, (measured) => measured.score);
  return {
    title,
    score,
    before: weightedMean(scored, (measured) => measured.before),
    stage: score === null ? null : stageOf(score),
    measures: scored.map((measured) => measured.name),
  };
}

function weightedMean(
  scored: readonly MeasuredScore[],
  read: (measured: MeasuredScore) => number | null,
): number | null {
  let sum = 0;
  let weights = 0;
  for (const measured of scored) {
    const score = read(measured);
    const weight = weightOf.get(measured.name) ?? 0;
    if (score === null) continue;
    sum += score * weight;
    weights += weight;
  }
  return weights === 0 ? null : Math.round((sum / weights) * 10) / 10;
}

/** What would raise the whole score most; what is not measured first has to be seen, and counts as half missing. */
function bestActions(scored: readonly MeasuredScore[]): readonly PostureAction[] {
  const weights = measures.reduce((sum, measure) => sum + measure.weight, 0);
  return scored
    .flatMap((measured): readonly PostureAction[] => {
      const measure = measures.find((candidate) => candidate.name === measured.name);
      if (measure === undefined || measured.score === 100) return [];
      const missing = measured.score === null ? 50 : 100 - measured.score;
      const text = measured.score === null ? `Make it measurable: ${measure.remedy}` : measure.action;
      const gain = Math.round(((missing * measure.weight) / weights) * 10) / 10;
      return [{ measure: measured.name, text, gain, examples: measured.examples }];
    })
    .filter((action) => action.gain > 0)
    .sort((a, b) => b.gain - a.gain)
    .slice(0, actionsMax);
}
