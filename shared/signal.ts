import { type Static, Type } from 'typebox';
import { reckoningSchema } from './explain/reckoning.ts';
import { workingSchema } from './explain/working.ts';

/** From where a detector knew what to expect: the agent's own history, its peer group's, or both. */
const baselineSources = ['self', 'group', 'mixed'] as const;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** A new version of an agent's software, which may be why it is unlike itself. */
const releaseSchema = Type.Object(
  {
    agent: Type.String(),
    from: Type.String({ description: 'The version before' }),
    to: Type.String({ description: 'The version since' }),
    at: Type.Integer({ description: 'Event time of its first call, UTC ms' }),
  },
  { additionalProperties: false },
);

/** What one detector saw: everything a person needs to judge it, and a machine to recompute it. */
export const evidenceSchema = Type.Object(
  {
    detector: Type.String({ description: 'Name of the detector, as in its folder' }),
    p: Type.Number({ minimum: 0, maximum: 1, description: 'One-sided p-value, small = unusual' }),
    observed: Type.Number(),
    expected: nullable(Type.Number()),
    lower: nullable(Type.Number({ description: 'Lower end of the usual range (central 95 %)' })),
    upper: nullable(Type.Number({ description: 'Upper end of the usual range (central 95 %)' })),
    unit: Type.String({ description: 'What observed, expected, lower and upper count' }),
    baseline_source: Type.Enum([...baselineSources]),
    group: nullable(Type.String({ description: 'Peer group compared with' })),
    group_members: Type.Optional(
      Type.Integer({ minimum: 1, description: 'How many members of it were active lately' }),
    ),
    group_expected: nullable(Type.Number({ description: "What the group's typical member shows" })),
    subject: nullable(Type.String({ description: 'The peer, action or resource that it is about' })),
    from: Type.Integer({ description: 'Start of the window, UTC ms' }),
    to: Type.Integer({ description: 'End of the window, UTC ms' }),
    sentence: Type.String({ description: 'What a person reads: observed against expected' }),
    working: Type.Optional(workingSchema),
    release: Type.Optional(releaseSchema),
  },
  { additionalProperties: false, $id: 'Evidence' },
);
export type Evidence = Static<typeof evidenceSchema>;

/** Was it seen before: by this agent, by its group, by anybody in the space? UTC ms, null = never. */
export const firstSeenSchema = Type.Object(
  {
    agent: nullable(Type.Integer()),
    group: nullable(Type.Integer()),
    space: nullable(Type.Integer()),
  },
  { additionalProperties: false, $id: 'FirstSeen' },
);
export type FirstSeen = Static<typeof firstSeenSchema>;

/**
 * An agent did something unusual: the combined, calibrated evidence of one agent and window. Its id is derived from
 * what it is about, so that a repeat after a crash is the same signal.
 */
const signalSchema = Type.Object(
  {
    id: Type.String(),
    time: Type.Integer({ description: 'Event time at which the evidence sufficed, UTC ms' }),
    space: Type.String(),
    agent: Type.String({ description: 'Whom it is about' }),
    peer: nullable(Type.String({ description: 'The other end, where it is about one edge' })),
    cause: Type.String({ description: 'Signals with the same cause become one alert' }),
    p: Type.Number({ minimum: 0, maximum: 1, description: 'Combined and calibrated' }),
    score: Type.Number({ description: 'Surprise, -log10 p' }),
    evidence: Type.Array(evidenceSchema, { description: 'Strongest first' }),
    first_seen: nullable(firstSeenSchema),
    events: Type.Array(Type.String(), { description: 'Ids of sample events' }),
    trace_id: nullable(Type.String()),
    reckoning: Type.Optional(reckoningSchema),
  },
  { additionalProperties: false, $id: 'Signal' },
);
export type Signal = Static<typeof signalSchema>;
