import { createHash } from 'node:crypto';
import { type RuleTier, rulePs } from '../rule-tiers.ts';
import type { Signal } from '../signal.ts';

/** What is wrong with the posture of a space, which no single event shows. */
export interface PostureFound {
  readonly space: string;
  /** Name of what found it, as an alert lists it. */
  readonly detector: string;
  readonly tier: RuleTier;
  readonly agent: string;
  readonly peer: string | null;
  /** The same cause is the same signal, however often it is found. */
  readonly cause: string;
  /** Event time at which it held last, UTC ms. */
  readonly time: number;
  /** Since when it has held, UTC ms. */
  readonly from: number;
  readonly observed: number;
  readonly expected: number | null;
  readonly unit: string;
  readonly subject: string;
  readonly sentence: string;
}

/** The signal of what was found: it goes the way of every other, through the correlator and its budget. */
export function postureSignal(found: PostureFound): Signal {
  const { space, detector, tier, agent, peer, time, observed, expected, unit, subject, from, sentence } =
    found;
  const p = rulePs[tier];
  const cause = `${detector}/${found.cause}`;
  return {
    id: createHash('sha256').update(`${space}\n${cause}`).digest('hex').slice(0, 32),
    time,
    space,
    agent,
    peer,
    cause,
    p,
    score: -Math.log10(p),
    evidence: [
      {
        detector,
        p,
        observed,
        expected,
        lower: null,
        upper: null,
        unit,
        baseline_source: 'self',
        group: null,
        group_expected: null,
        subject,
        from,
        to: time,
        sentence,
        working: { combine: 'product', steps: [{ name: tier, formula: 'tier', numbers: { p } }] },
      },
    ],
    first_seen: null,
    events: [],
    trace_id: null,
  };
}
