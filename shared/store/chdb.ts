import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import type { Static } from 'typebox';
import { AppError, messageOf } from '../errors.ts';
import { createClientStore, querySettings } from './client-store.ts';
import type { storeSettings } from './settings.ts';
import type { Store } from './store.ts';

/**
 * The store in this process: chDB, the ClickHouse engine as a library, on a folder of its own. One process may hold one
 * folder. Two connections to it, because one runs its statements one after another and a long question must not keep
 * the recorder waiting; both work on threads of their own, never on the event loop.
 *
 * @param folder where the engine keeps its data; made when missing
 * @throws {AppError} STORE_UNAVAILABLE: chDB is not installed, or the folder cannot be opened
 */
export async function openChdb(settings: Static<typeof storeSettings>, folder: string): Promise<Store> {
  const { createChdbConnection, drainPending } = await loadChdb();
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const connect = async (statements: readonly string[]) => {
    try {
      const connection = createChdbConnection({ path });
      for (const sql of statements) await connection.chdb.queryAsync(sql);
      return connection;
    } catch (error) {
      throw new AppError(
        'STORE_UNAVAILABLE',
        `chDB cannot open ${path}; one process may hold it, is another one running? (${messageOf(error)})`,
        { cause: error },
      );
    }
  };
  const database = settings.database; // a plain identifier, by its schema
  const use = [`CREATE DATABASE IF NOT EXISTS ${database}`, `USE ${database}`];
  const limits = Object.entries(querySettings(settings.query_ms_max)).map(
    ([name, value]) => `SET ${name} = '${value}'`,
  );
  const writer = await connect(use);
  const reader = await connect([...use, ...limits]);
  const client = createClient({
    connection: reader as never, // one interface, but from two copies of its package, which TypeScript tells apart
    log: { level: ClickHouseLogLevel.OFF },
  });
  return createClientStore({
    client,
    // The engine takes the bytes as they lie in memory. It cannot be interrupted, so a signal would only lose sight
    // of rows that are written all the same.
    insertRows: async ({ table, rows }, statementSettings) => {
      if (rows.length === 0) return;
      await writer.chdb.rawInsert({
        table,
        values: rows,
        format: 'JSONEachRow',
        settings: { ...statementSettings },
      });
    },
    close: async () => {
      await drainPending(); // closing under a running statement would abort the engine
      await client.close();
      await writer.close();
      await drainPending();
    },
  });
}

async function loadChdb() {
  try {
    const [{ createChdbConnection }, { drainPending }] = await Promise.all([
      import('chdb/connection'),
      import('chdb'),
    ]);
    return { createChdbConnection, drainPending };
  } catch (error) {
    throw new AppError(
      'STORE_UNAVAILABLE',
      `the embedded store needs the optional package chdb, which does not load here (${messageOf(error)}); ` +
        'run "npm install --include=optional", or set store.kind to clickhouse and store.url to a server',
      { cause: error },
    );
  }
}
