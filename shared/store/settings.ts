import { Type } from 'typebox';
import { secret } from '../config.ts';

/** Settings of the store: the section `store` of `amiss.yaml`. */
export const storeSettings = Type.Object(
  {
    kind: Type.Enum(['chdb', 'clickhouse'], { default: 'chdb' }),
    url: Type.String({ default: 'http://127.0.0.1:8123', description: 'Of ClickHouse' }),
    database: Type.String({ default: 'amiss', pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' }),
    username: Type.String({ default: 'default' }),
    password: secret(Type.String({ default: '' })),
    ca_file: Type.String({ default: '' }),
    query_ms_max: Type.Integer({ default: 30_000, minimum: 100 }),
    events_days: Type.Integer({ default: 30, minimum: 1 }),
    signals_days: Type.Integer({ default: 90, minimum: 1 }),
    alerts_days: Type.Integer({ default: 730, minimum: 1 }),
    rejects_days: Type.Integer({ default: 14, minimum: 1 }),
    deliveries_days: Type.Integer({ default: 90, minimum: 1 }),
    rollups_days: Type.Integer({ default: 400, minimum: 1 }),
  },
  { additionalProperties: false },
);
