import { type Static, Type } from 'typebox';

/** Settings of the API: the section `api` of `amiss.yaml`. */
export const apiSettings = Type.Object(
  {
    rate_per_second: Type.Number({
      default: 50,
      exclusiveMinimum: 0,
      description: 'Requests of one caller, with a burst of ten seconds; 429 beyond it',
    }),
    queries_max: Type.Integer({
      default: 16,
      minimum: 1,
      maximum: 1024,
      description: 'Requests that may ask the store at once; 429 beyond it',
    }),
    streams_max: Type.Integer({
      default: 100,
      minimum: 0,
      maximum: 10_000,
      description: 'Clients that may follow the alert stream at once; 429 beyond it',
    }),
    heartbeat_ms: Type.Integer({
      default: 10_000,
      minimum: 100,
      maximum: 15_000,
      description: 'Longest silence of the alert stream',
    }),
  },
  { additionalProperties: false },
);
export type ApiSettings = Static<typeof apiSettings>;
