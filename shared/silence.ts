import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Alert } from './alert.ts';
import type { Decision } from './decision.ts';

/**
 * The body of a decision of kind `silence`: alerts that match every given field are not told to anybody while it
 * holds. A silence without any field but its times matches nothing: muting everything must be said, by `agent: "*"`.
 */
export const silenceSchema = Type.Object(
  {
    agent: Type.Optional(Type.String({ description: 'Whom the alert is about; `*` is anybody' })),
    peer: Type.Optional(Type.String({ description: 'One of its other ends' })),
    cause: Type.Optional(Type.String()),
    detector: Type.Optional(Type.String({ description: 'One of the contributing detectors' })),
    from: Type.Integer({ description: 'Holds from here, UTC ms' }),
    until: Type.Integer({ description: 'Holds no longer from here, UTC ms' }),
  },
  { $id: 'Silence' },
);
export type Silence = Static<typeof silenceSchema>;

/** The silence of a decision; `undefined` where the decision is of another kind or takes the silence back. */
export function silenceOf(decision: Decision): Silence | undefined {
  return decision.kind === 'silence' && Check(silenceSchema, decision.body) ? decision.body : undefined;
}

/**
 * Does the silence keep this alert from being told now?
 *
 * @param now UTC ms, wall-clock time: a silence is about people, not about events
 */
export function isSilenced(silence: Silence, alert: Alert, now: number): boolean {
  if (now < silence.from || now >= silence.until) return false;
  const { agent, peer, cause, detector } = silence;
  if (agent === undefined && peer === undefined && cause === undefined && detector === undefined)
    return false;
  return (
    (agent === undefined || agent === '*' || agent === alert.agent) &&
    (peer === undefined || alert.peers.includes(peer)) &&
    (cause === undefined || cause === alert.cause) &&
    (detector === undefined || alert.detectors.includes(detector))
  );
}
