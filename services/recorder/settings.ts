import { type Static, Type } from 'typebox';

/** Settings of the recorder: the section `recorder` of `amiss.yaml`. */
export const recorderSettings = Type.Object(
  {
    batch_rows_max: Type.Integer({
      default: 50_000,
      minimum: 1,
      maximum: 500_000,
      description: 'Rows of one insert; more make cheaper inserts and more to repeat after a crash',
    }),
    batch_bytes_max: Type.Integer({
      default: 32 * 2 ** 20,
      minimum: 1024,
      description: 'Bytes of one insert; each partition holds two such batches at the most',
    }),
    linger_ms: Type.Integer({
      default: 750,
      minimum: 0,
      maximum: 60_000,
      description: 'How long the first row of a batch waits for others',
    }),
    retry_ms_max: Type.Integer({
      default: 5_000,
      minimum: 10,
      description: 'Longest pause between two attempts while the store is away',
    }),
  },
  { additionalProperties: false },
);
export type RecorderSettings = Static<typeof recorderSettings>;
