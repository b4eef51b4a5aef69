import { AppError, messageOf } from '#shared/errors.ts';
import type { LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { Store } from '#shared/store/store.ts';
import { type Intent, tokenOf } from './intent.ts';
import { joinRows, type RecordedTopic, tableOf } from './rows.ts';

export interface Refused {
  readonly record: LogRecord;
  readonly reason: string;
}

/**
 * Inserts the records of one partition. A batch with rows that the store refuses is halved until those rows stand
 * alone: they are returned, all others are in the store.
 *
 * @param intent the offsets that the records come from; they make the token, so a repeat must have the same
 * @throws {AppError} STORE_UNAVAILABLE, STORE_QUERY: nothing is known about the rows; repeat
 */
export async function insertBatch(
  store: Store,
  part: TopicPartition & { readonly topic: RecordedTopic },
  records: readonly LogRecord[],
  intent: Intent,
  signal: AbortSignal,
): Promise<readonly Refused[]> {
  const first = records[0];
  if (first === undefined) return [];
  try {
    const rows = joinRows(records);
    await store.insert({ table: tableOf[part.topic], rows, token: tokenOf(part, intent), signal });
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STORE_ROW') throw error;
    if (records.length === 1) return [{ record: first, reason: messageOf(error) }];
  }
  const half = records.length >> 1;
  const middle = records[half]?.offset ?? intent.to;
  const left = { from: intent.from, to: middle };
  const right = { from: middle, to: intent.to };
  return [
    ...(await insertBatch(store, part, records.slice(0, half), left, signal)),
    ...(await insertBatch(store, part, records.slice(half), right, signal)),
  ];
}
