import { type Static, Type } from 'typebox';

/** The formulas that a p-value can be recomputed with: one each in this folder, listed in `recompute.ts`. */
const formulaNames = [
  'acquaintance',
  'beat',
  'beta-binomial',
  'category',
  'count-tail',
  'cusum',
  'gathered',
  'group-tail',
  'hour',
  'known',
  'lasting',
  'newness',
  'pause',
  'rank',
  'student-with-past',
  'student-with-tail',
  'succession',
  'tier',
] as const;
export type FormulaName = (typeof formulaNames)[number];

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** What `observed` is, in words that a store can look it up by: it is counted again from the stored events. */
const countedSchema = Type.Object(
  {
    what: Type.Enum([
      'events',
      'peers',
      'minutes', // in which there was a call
      'bytes_total', // that left the source, or reached the destination
      'weeks', // in whose hour of the week there was a call
      'failures', // among the newest
      'bytes_out', // of one call, and the next two
      'bytes_in',
      'duration_ms',
      'unevenness', // of intervals between calls: the log of their mean less the mean of their logs
      'new_edges', // of a path
    ]),
    source: nullable(Type.String()),
    destination: nullable(Type.String()),
    from: Type.Integer({ description: 'Start, UTC ms' }),
    to: Type.Integer({ description: 'End, UTC ms, itself counted' }),
    action: Type.Optional(Type.String()),
    resource: Type.Optional(Type.String()),
    newest: Type.Optional(Type.Integer({ minimum: 1, description: 'Only the newest so many' })),
    path: Type.Optional(Type.Array(Type.String(), { description: 'Agents, each calling the next' })),
    is: Type.Optional(Type.Number({ description: 'What there was, where `observed` is something else' })),
  },
  { additionalProperties: false, description: 'Where `observed` can be counted again: of what' },
);

/** How a p-value came about: whatever went into its formulas, so that anybody can compute it again. */
export const workingSchema = Type.Object(
  {
    combine: Type.Enum(['product', 'harmonic', 'fisher', 'least'], {
      description:
        'How the steps make one p: their product, their harmonic mean (Wilson 2019), their sum of surprises (Fisher 1932) or ' +
        'the least of them, each of which had its chance (Bonferroni)',
    }),
    steps: Type.Array(
      Type.Object(
        {
          name: Type.String({ description: 'What this step is about' }),
          formula: Type.Enum([...formulaNames]),
          numbers: Type.Record(Type.String(), Type.Number(), {
            description: 'What went into the formula, by name',
          }),
          tries: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'It is the least likely of so many, each of which had its chance (Bonferroni)',
            }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    past: Type.Optional(
      Type.Object(
        {
          windows: Type.Number({ description: 'Ordinary windows of the peer group' }),
          start: Type.Number({ description: 'A surprise, in nats' }),
          share: Type.Number({ description: 'Share of them that reached it' }),
          slope: Type.Number({ description: 'How fast ln of the share falls beyond, for each nat' }),
        },
        {
          additionalProperties: false,
          description: 'How surprising such windows usually are: what the steps make is measured by it',
        },
      ),
    ),
    counted: Type.Optional(countedSchema),
  },
  { additionalProperties: false },
);
export type Working = Static<typeof workingSchema>;
export type WorkingStep = Working['steps'][number];
export type Counted = Static<typeof countedSchema>;
