import type { LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { type Reject, rejectSampleBytesMax } from '#shared/reject.ts';

/** The table that each recorded topic goes to. */
export const tableOf = {
  events: 'events',
  signals: 'signals',
  alerts: 'alert_history',
  rejects: 'rejects',
  sources: 'sources_minute',
  decisions: 'decisions',
  deliveries: 'deliveries',
} as const satisfies Partial<Record<TopicName, string>>;

export type RecordedTopic = keyof typeof tableOf;
export const recordedTopics = Object.keys(tableOf) as readonly RecordedTopic[];

const newline = 0x0a;

/** The records' values, one a line, copied once. */
export function joinRows(records: readonly LogRecord[]): Buffer {
  let length = records.length;
  for (const record of records) length += record.value.length;
  const rows = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { value } of records) {
    at += value.copy(rows, at);
    rows[at] = newline;
    at += 1;
  }
  return rows;
}

/** What `rejects` says of a record that the store refuses. The same record gives the same reject. */
export function rejectOf(part: TopicPartition, record: LogRecord, reason: string): Reject {
  return {
    id: `${part.topic}/${part.partition}/${record.offset}`,
    time: record.timestamp,
    space: spaceOf(record.value),
    source: 'recorder',
    format: part.topic,
    reason: reason.slice(0, rejectSampleBytesMax),
    sample: record.value.subarray(0, rejectSampleBytesMax).toString('utf8'),
  };
}

function spaceOf(value: Buffer): string {
  try {
    const { space } = JSON.parse(value.toString('utf8')) as { space?: unknown };
    return typeof space === 'string' ? space : 'default';
  } catch {
    return 'default';
  }
}
