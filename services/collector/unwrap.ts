import { parseTime } from './event-time.ts';
import { loggingWorkload } from './facts/names.ts';
import { isObject, type JsonObject } from './facts/read.ts';
import type { RecordHint } from './formats/format.ts';

/** Where shippers put the line that they read: Filebeat and Vector, Fluent Bit, pino, Docker, journald. */
const contentNames = ['message', 'log', 'msg', 'line', 'MESSAGE'] as const;
const timeNames = ['@timestamp', 'timestamp', 'date', 'time'] as const;

/** What lies within a shipper's own record. */
export interface Unwrapped {
  readonly record: unknown;
  readonly hint: RecordHint;
}

/**
 * The record within a record: a shipper that does not understand a line wraps it (`{"@timestamp":…,"message":"…"}`),
 * and the wrapper says no more than when and where it was read.
 *
 * @returns `undefined` where there is nothing within
 */
export function unwrap(record: unknown, hint: RecordHint): Unwrapped | undefined {
  if (!isObject(record)) return undefined;
  for (const name of contentNames) {
    const content = contentOf(record[name]);
    if (content !== undefined) return { record: content, hint: { ...hintOf(record), ...hint } };
  }
  return undefined;
}

function contentOf(value: unknown): unknown {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const text = value.trim();
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // a line that only looks like JSON
  }
}

function hintOf(record: JsonObject): RecordHint {
  const time = parseTime(timeNames.map((name) => record[name]).find((value) => value !== undefined));
  const host = isObject(record['host']) ? record['host']['name'] : (record['host'] ?? record['hostname']);
  const workload = loggingWorkload(record);
  return {
    ...(time === undefined ? {} : { time }),
    ...(workload === undefined ? {} : { workload }),
    ...(typeof host === 'string' && host !== '' ? { host } : {}),
  };
}
