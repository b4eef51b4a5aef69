import { type Static, Type } from 'typebox';
import { reckoningSchema } from './explain/reckoning.ts';
import { evidenceSchema, firstSeenSchema } from './signal.ts';

/** OCSF's status vocabulary (finding classes, `status_id` 1 to 5). */
export const alertStatuses = ['new', 'in_progress', 'suppressed', 'resolved', 'archived'] as const;

export const techniqueSchema = Type.Object(
  {
    framework: Type.Enum(['ATT&CK', 'ATLAS']),
    id: Type.String({ description: 'T1071, AML.T0086, ...' }),
    name: Type.String(),
  },
  { additionalProperties: false, $id: 'Technique' },
);
export type Technique = Static<typeof techniqueSchema>;

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/**
 * What an analyst reads: signals with one cause. The id is derived from the cause and its first window and never
 * changes; `revision` rises with every change, so that the newest of two records of one alert is known.
 */
export const alertSchema = Type.Object(
  {
    id: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    space: Type.String(),
    time: Type.Integer({ description: 'Event time of the first signal, UTC ms' }),
    updated_at: Type.Integer({ description: 'Event time of the newest signal, UTC ms' }),
    agent: Type.String({ description: 'Whom it is about' }),
    peers: Type.Array(Type.String(), { description: 'The other ends, most important first' }),
    cause: Type.String(),
    title: Type.String({ description: 'One line' }),
    sentence: Type.String({ description: 'What happened against what was expected, and what to look at' }),
    severity: Type.Integer({ minimum: 0, maximum: 100 }),
    score: Type.Number({ description: 'Surprise of the strongest signal, -log10 p' }),
    p: Type.Number({ minimum: 0, maximum: 1 }),
    detectors: Type.Array(Type.String(), { description: 'Contributing detectors, strongest first' }),
    evidence: Type.Array(evidenceSchema, { description: 'Strongest first' }),
    reckoning: Type.Optional(reckoningSchema),
    first_seen: nullable(firstSeenSchema),
    signals: Type.Integer({ minimum: 1, description: 'How many signals it stands for' }),
    events: Type.Array(Type.String(), { description: 'Ids of sample events' }),
    techniques: Type.Array(techniqueSchema),
    status: Type.Enum([...alertStatuses]),
  },
  { additionalProperties: false, $id: 'Alert' },
);
export type Alert = Static<typeof alertSchema>;
