import { type Static, Type } from 'typebox';
import { targetSettings } from './targets/index.ts';

/** Settings of the notifier: the section `notifier` of `amiss.yaml`. */
export const notifierSettings = Type.Object(
  {
    ...targetSettings,
    allow_addresses: Type.Array(Type.String(), {
      default: [],
      description: 'Subnets or addresses that may be called although they are not public',
    }),
    ca_file: Type.String({ default: '', description: "PEM file to trust instead of the system's" }),
    in_flight_max: Type.Integer({
      default: 4,
      minimum: 1,
      maximum: 64,
      description: 'Attempts at once, per target',
    }),
    pending_max: Type.Integer({
      default: 1000,
      minimum: 1,
      maximum: 100_000,
      description: 'Messages that wait, per target; beyond it alerts stay in the log',
    }),
    remember_hours: Type.Number({
      default: 720, // a month: an alert that changes after that is told as a new one
      minimum: 1,
      description: 'How long it is known what was told; longer than the log keeps alerts',
    }),
    timeout_ms: Type.Integer({
      default: 20_000,
      minimum: 100,
      maximum: 60_000,
      description: 'Of one attempt',
    }),
  },
  { additionalProperties: false },
);
export type NotifierSettings = Static<typeof notifierSettings>;
