import { type Static, Type } from 'typebox';

/** The formulas that a p-value can be recomputed with: one each in this folder, listed in `recompute.ts`. */
const formulaNames = [
  'acquaintance',
  'beat',
  'beta-binomial',
  'category',
  'count-tail',
  'group-tail',
  'hour',
  'known',
  'newness',
  'pause',
  'rank',
  'student-with-tail',
  'tier',
] as const;
export type FormulaName = (typeof formulaNames)[number];

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** How a p-value came about: whatever went into its formulas, so that anybody can compute it again. */
export const workingSchema = Type.Object(
  {
    combine: Type.Enum(['product', 'harmonic', 'fisher'], {
      description:
        'How the steps make one p: their product, their harmonic mean (Wilson 2019) or their sum of surprises (Fisher 1932)',
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
    counted: Type.Optional(
      Type.Object(
        {
          what: Type.Enum(['events', 'peers']),
          source: nullable(Type.String()),
          destination: nullable(Type.String()),
          from: Type.Integer({ description: 'Start, UTC ms' }),
          to: Type.Integer({ description: 'Time of the event that was judged, UTC ms, itself counted' }),
        },
        { additionalProperties: false, description: 'Where `observed` is a count: of what' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Working = Static<typeof workingSchema>;
export type WorkingStep = Working['steps'][number];
export type Counted = NonNullable<Working['counted']>;
