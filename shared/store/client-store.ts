import type { ClickHouseClient } from '@clickhouse/client';
import { AppError, messageOf } from '../errors.ts';
import type { Store, StoreInsert, StoreQuery } from './store.ts';

/** What differs between ClickHouse over HTTP and chDB in the process; all else is one code. */
export interface StoreEngine {
  /** Runs queries and DDL. */
  readonly client: ClickHouseClient;
  /** Hands the rows over with the given settings of the statement. */
  insertRows(insert: StoreInsert, settings: InsertSettings): Promise<void>;
  close(): Promise<void>;
}

export type InsertSettings = Readonly<Record<string, string | number>>;

/** Settings that every query runs with, in either engine. */
export function querySettings(queryMsMax: number) {
  return {
    output_format_json_quote_64bit_integers: 0,
    max_execution_time: Math.ceil(queryMsMax / 1000),
    max_memory_usage: String(2 * 2 ** 30), // an analyst's question must not starve scoring beside it
    result_overflow_mode: 'throw',
  } as const;
}

/** Builds the store over an engine. Errors carry STORE_UNAVAILABLE, STORE_ROW or STORE_QUERY. */
export function createClientStore(engine: StoreEngine): Store {
  return {
    query: async <Row>(query: StoreQuery) => {
      try {
        return await (await select(engine.client, query)).json<Row>();
      } catch (error) {
        throw storeError(error);
      }
    },
    stream: <Row>(query: StoreQuery) => rowsOf<Row>(engine.client, query),
    insert: async (insert) => {
      try {
        await engine.insertRows(insert, insertSettings(insert.token));
      } catch (error) {
        throw storeError(error);
      }
    },
    command: async (query) => {
      try {
        await engine.client.command({ query: query.sql, ...bindings(query) });
      } catch (error) {
        throw storeError(error);
      }
    },
    ping: async () => {
      const answer = await engine.client.ping({ select: true });
      if (!answer.success) throw storeError(answer.error);
    },
    close: () => engine.close(),
  };
}

function insertSettings(token: string): InsertSettings {
  return {
    // The offset is committed after the insert: by then the rows must be in the table.
    async_insert: 0,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    // One thread makes the same blocks of the same rows, which is what a repeat is known by.
    input_format_parallel_parsing: 0,
    max_insert_threads: 1,
  };
}

function select(client: ClickHouseClient, query: StoreQuery) {
  const limit = query.rowsMax === undefined ? '' : ` SETTINGS max_result_rows = ${Math.trunc(query.rowsMax)}`;
  return client.query({ query: query.sql + limit, format: 'JSONEachRow', ...bindings(query) });
}

async function* rowsOf<Row>(client: ClickHouseClient, query: StoreQuery): AsyncGenerator<Row> {
  try {
    const result = await select(client, query);
    for await (const rows of result.stream<Row>()) {
      for (const row of rows) yield row.json();
    }
  } catch (error) {
    throw storeError(error);
  }
}

function bindings({ parameters, signal }: StoreQuery) {
  return {
    ...(parameters === undefined ? {} : { query_params: parameters as Record<string, unknown> }),
    ...(signal === undefined ? {} : { abort_signal: signal }),
  };
}

// ClickHouse's ErrorCodes.cpp: what it says when it cannot read a value or put it into its column.
const rowCodes = new Set([
  6, 24, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 191, 321, 349, 376, 407, 467, 675,
  676, 691,
]);
// What passes by itself or by an operator's hand: time-outs, memory, disk, too many parts, read-only, credentials.
const unavailableCodes = new Set([
  159, 164, 192, 193, 194, 198, 202, 209, 210, 236, 241, 242, 243, 252, 394, 516,
]);

function storeError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const code = engineCode(error);
  if (code === undefined) {
    return new AppError('STORE_UNAVAILABLE', `the store does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const name = rowCodes.has(code)
    ? 'STORE_ROW'
    : unavailableCodes.has(code)
      ? 'STORE_UNAVAILABLE'
      : 'STORE_QUERY';
  return new AppError(name, `the store refused (code ${code}): ${messageOf(error)}`, { cause: error });
}

/**
 * ClickHouse's own number of an error. Told by its shape: chDB brings its own copy of the client's error class, and
 * errors of its own.
 */
function engineCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('clickhouseCode' in error && typeof error.clickhouseCode === 'number') return error.clickhouseCode;
  if ('type' in error && 'code' in error && /^\d+$/.test(String(error.code))) return Number(error.code);
  return undefined;
}
