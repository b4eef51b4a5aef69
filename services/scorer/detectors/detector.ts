import type { Static } from 'typebox';
import type { techniqueSchema } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';
import type { Aspect } from '#shared/explain/combination.ts';
import type { Evidence } from '#shared/signal.ts';
import type { Ranks } from '../baseline/categories/ranks.ts';
import type { Agents } from '../baseline/members/agents.ts';
import type { Edges } from '../baseline/tables/edges.ts';
import type { Decisions } from '../decisions.ts';
import type { Memory } from '../memory.ts';
import type { Need } from '../presence.ts';

/** What a test says that has nothing to say about a view: not a logarithm of any probability. */
export const noTest = 1;

/**
 * One event as one of its two ends sees it. The engine uses one object again and again: copy what is to be kept.
 * Slots are small integers: agents, edges and groups are interned, so that baselines are columns of numbers.
 */
export interface View {
  readonly event: AmissEvent;
  /** Event time, UTC ms. May lie behind the watermark, by no more than the allowed lateness. */
  readonly time: number;
  /** Which end is judged: the caller (`source`) or the called. */
  readonly side: 'source' | 'destination';
  /** The agent that is judged. */
  readonly agent: number;
  /** The other end. */
  readonly peer: number;
  /** The directed edge source → destination. */
  readonly edge: number;
  /** The edge destination → source, or -1 where it was never seen. */
  readonly reverse: number;
  readonly group: number;
  readonly peerGroup: number;
  /** While learning: a planned change, to be taken as the new normal at once. */
  readonly isPlanned: boolean;
}

/** What a detector may look at beside the events: tables of the engine, and what people decided. */
export interface Surroundings {
  readonly agents: Agents;
  readonly edges: Edges;
  /** How common each agent is as a caller among all of its space. Learned by the engine. */
  readonly callers: Ranks;
  /** Policy, registry, planned changes: read live, newest of each key. */
  readonly decisions: Decisions;
}

/** A whole minute that event time has reached in one space, told once. */
export interface Minute {
  /** The number of the space, as `Agents.population` has it. */
  readonly space: number;
  /** UTC ms. */
  readonly time: number;
}

/** Something that no event shows by itself: an agent that fell silent, a window that closed too empty. */
export interface Finding {
  readonly agent: number;
  /** The other end where it is about one edge, else -1. */
  readonly peer: number;
  /** Natural logarithm of p. */
  readonly lnP: number;
  readonly time: number;
  readonly evidence: DetectorEvidence;
  /** Ids of sample events, where some were kept. */
  readonly events?: readonly string[];
}

/** Evidence as a detector gives it; the engine adds detector and p. */
export type DetectorEvidence = Omit<Evidence, 'detector' | 'p'>;

/**
 * The living half of a detector: its baselines and its test. One instance an engine; it owns all of its state.
 *
 * The contract of `score`: the natural logarithm of a one-sided p-value, small = unusual, of what the view shows
 * against what was learned *before* it. Under the null, P(p ≤ α) = α from 1e-2 to 1e-5 within 0.7 to 1.5; a
 * discrete statistic gives its mid-p, P(X > x) + ½P(X = x). Extreme tails stay exact: a logarithm never underflows.
 * It is finite, changes nothing, allocates nothing, and looks at nothing but its arguments and its state.
 */
export interface DetectorModel extends Memory {
  /** ln p of the view, or `noTest`. Called before `learn`, or an attack would excuse itself. */
  score(view: View): number;
  /** The working behind the `score` of the same view, asked for only where p is small. Changes nothing. */
  evidence(view: View): DetectorEvidence;
  /** Takes the view into the baseline. `weight` in (0, 1]: what is unusual teaches little. */
  learn(view: View, weight: number): void;
  /** Event time reached another minute: windows close, absences show. */
  advance?(minute: Minute, report: (finding: Finding) => void): void;
}

/** One behaviour that is watched: the plugin. Listed in `index.ts`; the contract suite runs over all. */
export interface Detector {
  /** kebab-case, the name of its file. */
  readonly name: string;
  /** What a person reads after the agent's name in an alert's title: `web: used an expired token`. */
  readonly headline?: string;
  readonly summary: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** A statistic is calibrated against its own history; a rule carries its p by tier, and is taken at its word. */
  readonly kind: 'statistic' | 'rule';
  /** The end from which it judges and learns; both where it is not given. */
  readonly side?: View['side'];
  /** It is asked about, and taught, events that have at least one of these; every event where it is not given. */
  readonly needs?: readonly Need[];
  /** Of a statistic; `what` where it is not given. */
  readonly aspect?: Aspect;
  /** It has put several aspects together by itself: it stands beside the sum of the others, as a rule does. */
  readonly isWhole?: boolean;
  /** ATT&CK and ATLAS techniques that it hints at. */
  readonly techniques: readonly Static<typeof techniqueSchema>[];
  create(surroundings: Surroundings): DetectorModel;
}
