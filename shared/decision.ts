import { type Static, Type } from 'typebox';

/**
 * What a person (or a policy file) decided: read live by scorer, correlator and notifier, and kept for ever, newest
 * of each `key`. A decision is about one thing, named by its key: `alert/ID`, `agent/ID`, `policy/SPACE`, ...
 */
export const decisionSchema = Type.Object(
  {
    id: Type.String(),
    key: Type.String({ description: 'What it is about; a later decision with the same key replaces it' }),
    kind: Type.String({
      description: 'verdict, silence, planned_change, agent, policy, ...: the first part of the key',
    }),
    time: Type.Integer({ description: 'When it was decided, UTC ms' }),
    space: Type.String(),
    by: Type.String({ description: 'Who decided' }),
    reason: Type.String(),
    body: Type.Unknown({ description: 'The decision itself; its shape follows from the kind' }),
  },
  { additionalProperties: false, $id: 'Decision' },
);
export type Decision = Static<typeof decisionSchema>;
