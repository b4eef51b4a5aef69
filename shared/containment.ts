import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Alert } from './alert.ts';
import type { Decision } from './decision.ts';

/** What becomes of an isolation, in this order; an analyst moves it to `approved`, `declined` and `undone`. */
const states = [
  'proposed',
  'approved',
  'active',
  'undone',
  'released',
  'declined',
  'lapsed',
  'failed',
] as const;
type ContainmentState = (typeof states)[number];

const nullableTime = Type.Union([Type.Integer(), Type.Null()], { description: 'UTC ms' });

/** The body of a decision `containment/ALERT`: what is to be isolated, why, and how far it has come. */
export const containmentSchema = Type.Object(
  {
    state: Type.Enum([...states]),
    alert: Type.String(),
    agent: Type.String({ description: 'Whom to isolate' }),
    title: Type.String(),
    severity: Type.Integer(),
    detectors: Type.Array(Type.String()),
    /** Ready to be applied, for whoever enforces. */
    manifests: Type.Array(Type.Unknown()),
    proposed_at: Type.Integer({ description: 'UTC ms' }),
    expires_at: nullableTime,
    attempts: Type.Integer({ description: 'Calls of the step under way that failed' }),
    next_attempt_at: nullableTime,
    reason: Type.String({ description: 'Why the last call failed; empty otherwise' }),
  },
  { additionalProperties: false },
);
export type Containment = Static<typeof containmentSchema>;

/** What a decision says of an isolation; `undefined` when it is of another kind or malformed. */
export function containmentOf(decision: Decision): Containment | undefined {
  return decision.kind === 'containment' && Check(containmentSchema, decision.body)
    ? decision.body
    : undefined;
}

/** What an analyst may make of an isolation, and from which states. */
export const analystMoves = {
  approved: ['proposed', 'lapsed', 'failed'],
  declined: ['proposed'],
  undone: ['approved', 'active', 'failed'],
} as const satisfies Partial<Record<ContainmentState, readonly ContainmentState[]>>;
export type AnalystMove = keyof typeof analystMoves;

/** The isolation after an analyst's move; `undefined` when it is not in a state for it. */
export function movedBy(containment: Containment, move: AnalystMove): Containment | undefined {
  const from: readonly ContainmentState[] = analystMoves[move];
  if (!from.includes(containment.state)) return undefined;
  return { ...containment, state: move, attempts: 0, next_attempt_at: null, reason: '' };
}

/** What an alert asks for. */
export function proposalOf(
  alert: Alert,
  options: { readonly manifests: readonly object[]; readonly needsApproval: boolean; readonly now: number },
): Containment {
  return {
    state: options.needsApproval ? 'proposed' : 'approved',
    alert: alert.id,
    agent: alert.agent,
    title: alert.title,
    severity: alert.severity,
    detectors: [...alert.detectors],
    manifests: [...options.manifests],
    proposed_at: options.now,
    expires_at: null,
    attempts: 0,
    next_attempt_at: null,
    reason: '',
  };
}

/** What to do about an isolation at a moment. */
export type NextStep =
  | { readonly kind: 'call'; readonly action: 'isolate' | 'release' }
  | { readonly kind: 'become'; readonly state: 'lapsed' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'none' };

/** Decides the next step; the caller carries it out and keeps what came of it. */
export function nextStep(containment: Containment, now: number, proposalMsMax: number): NextStep {
  const due = containment.next_attempt_at ?? 0;
  switch (containment.state) {
    case 'proposed': {
      const lapsesAt = containment.proposed_at + proposalMsMax;
      return now >= lapsesAt ? { kind: 'become', state: 'lapsed' } : { kind: 'wait', until: lapsesAt };
    }
    case 'approved':
      return now >= due ? { kind: 'call', action: 'isolate' } : { kind: 'wait', until: due };
    case 'undone':
      return now >= due ? { kind: 'call', action: 'release' } : { kind: 'wait', until: due };
    case 'active': {
      const until = Math.max(containment.expires_at ?? 0, due);
      return now >= until ? { kind: 'call', action: 'release' } : { kind: 'wait', until };
    }
    case 'released':
    case 'declined':
    case 'lapsed':
    case 'failed':
      return { kind: 'none' };
    default:
      return containment.state satisfies never;
  }
}

/** Waits between attempts: seconds at first, an hour at the most; what isolates must not hammer what is down. */
const firstPauseMs = 5_000;
const pauseMsMax = 3_600_000;

/** What a call leaves behind. */
export function afterCall(
  containment: Containment,
  call: { readonly action: 'isolate' | 'release'; readonly failure: string | null },
  limits: { readonly now: number; readonly expiresMs: number; readonly attemptsMax: number },
): Containment {
  const { now } = limits;
  if (call.failure === null) {
    const done = { ...containment, attempts: 0, next_attempt_at: null, reason: '' };
    return call.action === 'isolate'
      ? { ...done, state: 'active', expires_at: now + limits.expiresMs }
      : { ...done, state: 'released' };
  }
  const attempts = containment.attempts + 1;
  const isOver = attempts >= limits.attemptsMax;
  return {
    ...containment,
    state: isOver ? 'failed' : containment.state,
    attempts,
    next_attempt_at: isOver ? null : now + Math.min(pauseMsMax, firstPauseMs * 4 ** (attempts - 1)),
    reason: call.failure,
  };
}
