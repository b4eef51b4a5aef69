import { type Static, Type } from 'typebox';
import { secret } from '../config.ts';

/** Settings of the event log: the section `log` of `amiss.yaml`. */
export const logSettings = Type.Object(
  {
    kind: Type.Enum(['embedded', 'kafka'], { default: 'embedded' }),
    prefix: Type.String({ default: 'amiss.', pattern: '^[a-zA-Z0-9._-]*$' }),
    partitions: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 4096,
      description:
        'Of the events: the most scorers that can share the work. Fixed once agents have baselines',
    }),
    retention_hours: Type.Number({ default: 72, minimum: 0 }),
    retention_bytes: Type.Integer({ default: 8 * 2 ** 30, minimum: 0, description: 'Of one partition' }),
    bytes_max: Type.Integer({
      default: 32 * 2 ** 30,
      minimum: 2 ** 20,
      description: 'Of the embedded log, all topics together: beyond it appends wait for retention',
    }),
    brokers: Type.Array(Type.String(), { default: [], description: 'host:port of Kafka brokers' }),
    replication: Type.Integer({ default: 1, minimum: 1, maximum: 9 }),
    compression: Type.Enum(['none', 'gzip', 'zstd'], { default: 'zstd' }),
    tls: Type.Boolean({ default: false }),
    ca_file: Type.String({ default: '' }),
    cert_file: Type.String({ default: '' }),
    key_file: Type.String({ default: '' }),
    username: Type.String({ default: '' }),
    password: secret(Type.String({ default: '' })),
    sasl: Type.Enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512'], { default: 'none' }),
  },
  { additionalProperties: false },
);
export type LogSettings = Static<typeof logSettings>;
