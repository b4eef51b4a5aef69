import { type Static, Type } from 'typebox';

/** Settings of the scorer and the correlator: the section `scorer` of `amiss.yaml`. */
export const scorerSettings = Type.Object(
  {
    alerts_per_day: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      maximum: 100_000,
      description:
        'The alert budget: how many alerts a day people can read; thresholds move so that it is kept',
    }),
    agents_max: Type.Integer({
      default: 100_000,
      minimum: 100,
      description:
        'Agents that a partition knows at once, and ten times as many edges; those idle for longest are forgotten',
    }),
    snapshot_every_ms: Type.Integer({
      default: 30_000,
      minimum: 100,
      description: 'How often baselines are stored; a restart replays at the most what came since',
    }),
  },
  { additionalProperties: false },
);
export type ScorerSettings = Static<typeof scorerSettings>;
