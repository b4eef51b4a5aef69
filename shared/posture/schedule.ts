import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { dateOf } from '../date-of.ts';
import type { Decision } from '../decision.ts';
import type { Signal } from '../signal.ts';
import { postureSignal } from './posture-signal.ts';

/** The body of a decision `assessment/SPACE`: when a space was assessed last, and with what score. */
const assessedSchema = Type.Object(
  {
    at: Type.Integer({ description: 'UTC ms' }),
    score: Type.Union([Type.Number(), Type.Null()]),
    days: Type.Integer({ description: 'Days that it looked at' }),
    /** Scores of the measures that could be measured, by name. */
    measures: Type.Record(Type.String(), Type.Number()),
  },
  { additionalProperties: false },
);
export type Assessed = Static<typeof assessedSchema>;

/** What a decision says of an assessment; `undefined` when it is about something else. */
export function assessedOf(decision: Decision): Assessed | undefined {
  return decision.kind === 'assessment' && Check(assessedSchema, decision.body) ? decision.body : undefined;
}

/** What is recorded of an assessment. */
interface Measured {
  readonly score: number | null;
  readonly measures: readonly { readonly name: string; readonly score: number | null }[];
}

/** The record of an assessment: the next one is due by it. */
export function recordOf(
  { score, measures }: Measured,
  made: { readonly at: number; readonly days: number },
): Assessed {
  const scores = measures.flatMap(({ name, score: of }) => (of === null ? [] : [[name, of] as const]));
  return { at: made.at, score, days: made.days, measures: Object.fromEntries(scores) };
}

const dayMs = 86_400_000;

/** How an assessment stands: when it is due, and whether somebody has to be told. */
export interface Due {
  /** UTC ms. */
  readonly at: number;
  readonly isDue: boolean;
  readonly isOverdue: boolean;
}

/** A space that was never assessed is due at once, and overdue once it has been watched for a period. */
export function dueOf(
  last: number | undefined,
  watchedSince: number,
  plan: { readonly everyDays: number; readonly overdueDays: number; readonly now: number },
): Due {
  const at = last === undefined ? watchedSince : last + plan.everyDays * dayMs;
  return { at, isDue: plan.now >= at, isOverdue: plan.now >= at + plan.overdueDays * dayMs };
}

/** The signal that an assessment is overdue; the same due date gives the same signal. */
export function overdueSignal(space: string, due: Due, now: number): Signal {
  const dueOn = dateOf(due.at);
  return postureSignal({
    space,
    detector: 'assessment-overdue',
    tier: 'breach', // it is no inference, and comes once a due date
    agent: 'amiss',
    peer: null,
    cause: `${space}/${due.at}`,
    time: now,
    from: due.at,
    observed: Math.floor((now - due.at) / dayMs),
    expected: 0,
    unit: 'days after the due date',
    subject: space,
    sentence: `the posture of ${space} was due to be assessed on ${dueOn}; run \`amiss assess --space ${space}\``,
  });
}
