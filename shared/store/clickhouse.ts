import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Static } from 'typebox';
import { AppError } from '../errors.ts';
import { createClientStore, type InsertSettings, querySettings } from './client-store.ts';
import type { storeSettings } from './settings.ts';
import type { Store, StoreInsert } from './store.ts';

// More would not be faster: inserts come one at a time for each partition, queries from a handful of analysts.
const connectionsMax = 16;

// The server gives up first, and its answer says why.
const answerMsMax = 1_000;

/**
 * The store on a ClickHouse server over HTTP(S). Nothing is sent before the first call.
 *
 * @param database where unqualified names are looked up
 */
export function openClickHouse(settings: Static<typeof storeSettings>, database: string): Store {
  const client = createClient({
    url: settings.url,
    username: settings.username,
    password: settings.password,
    database,
    application: 'amiss',
    request_timeout: settings.query_ms_max + answerMsMax,
    max_open_connections: connectionsMax,
    compression: { request: { codec: 'zstd' }, response: { codec: 'zstd' } },
    clickhouse_settings: querySettings(settings.query_ms_max),
    log: { level: ClickHouseLogLevel.OFF }, // errors are returned; whoever handles them logs them
    ...(settings.ca_file === '' ? {} : { tls: { ca_cert: readFileSync(settings.ca_file) } }),
  });
  const insertRows = async (insert: StoreInsert, statementSettings: InsertSettings) => {
    const { stream } = await client.exec({
      query: `INSERT INTO ${tableName(insert.table)} FORMAT JSONEachRow`,
      values: Readable.from([insert.rows], { objectMode: false }),
      clickhouse_settings: statementSettings,
      ...(insert.signal === undefined ? {} : { abort_signal: insert.signal }),
    });
    for await (const _ of stream) {
      // An error that comes after the headers is at the end of the body.
    }
  };
  return createClientStore({ client, insertRows, close: () => client.close() });
}

/** Names of tables come from our own code; anything else in their place is a bug. */
function tableName(name: string): string {
  if (!/^[a-z_]+$/.test(name)) throw new AppError('STORE_QUERY', `"${name}" is no table of ours`);
  return name;
}
