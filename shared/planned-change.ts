import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Decision } from './decision.ts';

/**
 * The body of a decision of kind `planned_change`: a release, a load test, a move. What events of the given agent or
 * group show in that time, from either end, makes no signal; with `relearn` it is also learned in full, as the new
 * normal, where otherwise what is unusual teaches little. Calls to agents outside that nobody had met before it began
 * are not part of it unless it names them.
 */
export const plannedChangeSchema = Type.Object(
  {
    agent: Type.Optional(Type.String({ minLength: 1, description: 'Whose change it is' })),
    group: Type.Optional(
      Type.String({ minLength: 1, description: 'Whose: a peer group, as evidence names it' }),
    ),
    peers: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        maxItems: 100,
        description: 'Whom outside it comes to call, where nobody did before: what is sent to others is told',
      }),
    ),
    from: Type.Integer({ description: 'Event time from which it holds, UTC ms' }),
    to: Type.Integer({ description: 'Event time from which it holds no longer, UTC ms' }),
    mode: Type.Optional(
      Type.Enum(['suppress', 'relearn'], { description: '`relearn` where it is not given' }),
    ),
  },
  { $id: 'PlannedChange' },
);
export type PlannedChange = Static<typeof plannedChangeSchema>;

/** The planned change of a decision; `undefined` where it is of another kind, names nobody, or is taken back. */
export function plannedChangeOf({ kind, body }: Decision): PlannedChange | undefined {
  if (kind !== 'planned_change' || !Check(plannedChangeSchema, body)) return undefined;
  return body.agent === undefined && body.group === undefined ? undefined : body;
}
