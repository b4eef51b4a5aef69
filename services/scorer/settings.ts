import { type Static, Type } from 'typebox';

/** Alerts a day unless the operator says otherwise: what one analyst reads over a coffee. */
export const alertsPerDayDefault = 10;

/** Settings of the scorer and the correlator: the section `scorer` of `amiss.yaml`. */
export const scorerSettings = Type.Object(
  {
    alerts_per_day: Type.Number({
      default: alertsPerDayDefault,
      exclusiveMinimum: 0,
      maximum: 100_000,
      description:
        'The alert budget: how many alerts a day people can read; thresholds move so that it is kept',
    }),
    reserve: Type.Object(
      {
        severity: Type.Integer({
          default: 75,
          minimum: 0,
          maximum: 100,
          description: 'From which severity on an alert may use the reserve',
        }),
        alerts_per_day: Type.Number({
          default: 0,
          minimum: 0,
          maximum: 100_000,
          description: 'How many of the budget are kept for them; 0 keeps none',
        }),
      },
      {
        additionalProperties: false,
        description:
          'A part of the budget that only severe alerts may use, so that they are told in the worst week',
      },
    ),
    agents_max: Type.Integer({
      default: 100_000,
      minimum: 100,
      description:
        'Agents that a partition knows at once, and ten times as many edges; those idle for longest are forgotten',
    }),
    attic_bytes_max: Type.Integer({
      default: 1_073_741_824,
      minimum: 1_048_576,
      description:
        'Disk space for the baselines of those forgotten, which come back with them; the oldest are dropped',
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
