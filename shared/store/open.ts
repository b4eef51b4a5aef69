import { join } from 'node:path';
import type { Static } from 'typebox';
import type { Clock } from '../clock.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { openChdb } from './chdb.ts';
import { openClickHouse } from './clickhouse.ts';
import { applyRetention } from './retention.ts';
import { applySchema, readSchema } from './schema.ts';
import type { storeSettings } from './settings.ts';
import type { Store, StoreQuery } from './store.ts';

type StoreSettings = Static<typeof storeSettings>;

// How often, at the most, an absent store is asked whether it is back and can take its schema.
const prepareAgainMs = 500;

/**
 * Opens the configured store and brings its tables up to date. A ClickHouse that does not answer yet is no failure:
 * every call rejects with STORE_UNAVAILABLE until it does, and the tables are made before the first call that succeeds.
 *
 * @param dataFolder of this process; chDB lives in its `store`
 * @throws {AppError} STORE_SCHEMA: the store's schema is not ours to use; STORE_UNAVAILABLE: chDB cannot start
 */
export async function openStore(
  settings: StoreSettings,
  dataFolder: string,
  clock: Clock,
  logger: Logger,
): Promise<Store> {
  if (settings.kind === 'chdb') {
    const store = await openChdb(settings, join(dataFolder, 'store'));
    try {
      await prepare(store, settings);
    } catch (error) {
      await store.close();
      throw error;
    }
    return store;
  }
  const store = openClickHouse(settings, settings.database);
  const prepared = preparedOnce(async () => {
    await createDatabase(settings);
    await prepare(store, settings);
  }, clock);
  try {
    await prepared();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORE_UNAVAILABLE') {
      await store.close();
      throw error;
    }
    logger.warn({ url: settings.url, reason: messageOf(error) }, 'store does not answer yet');
  }
  return afterPreparation(store, prepared);
}

async function prepare(store: Store, settings: StoreSettings): Promise<void> {
  await applySchema(store, readSchema());
  await applyRetention(store, settings);
}

async function createDatabase(settings: StoreSettings): Promise<void> {
  const outside = openClickHouse(settings, 'default');
  try {
    // The name is a plain identifier, by the schema of the settings.
    await outside.command({ sql: `CREATE DATABASE IF NOT EXISTS ${settings.database}` });
  } finally {
    await outside.close();
  }
}

/** Runs a preparation until it has succeeded once; a failure is remembered for a moment, so that callers do not queue. */
function preparedOnce(work: () => Promise<void>, clock: Clock): () => Promise<void> {
  let running: Promise<void> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (running !== undefined && clock.now() - failedAt < prepareAgainMs) return running;
    if (running === undefined || failedAt > Number.NEGATIVE_INFINITY) {
      failedAt = Number.NEGATIVE_INFINITY;
      running = work();
      running.catch(() => {
        failedAt = clock.now();
      });
    }
    return running;
  };
}

function afterPreparation(store: Store, prepared: () => Promise<void>): Store {
  return {
    query: async <Row>(query: StoreQuery) => {
      await prepared();
      return store.query<Row>(query);
    },
    stream: async function* <Row>(query: StoreQuery) {
      await prepared();
      yield* store.stream<Row>(query);
    },
    insert: async (insert) => {
      await prepared();
      await store.insert(insert);
    },
    command: async (query) => {
      await prepared();
      await store.command(query);
    },
    ping: async () => {
      await prepared();
      await store.ping();
    },
    close: () => store.close(),
  };
}
