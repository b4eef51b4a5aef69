import { type Static, Type } from 'typebox';
import type { Clock } from '#shared/clock.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { EventLog, LogBatch, LogRecord } from '#shared/log/log.ts';
import type { Ingest } from '../delivery.ts';
import type { Format, FormatOutcome } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { native } from '../formats/native.ts';
import { otlpLogs } from '../formats/otlp-logs.ts';
import { otlpTraces } from '../formats/otlp-traces.ts';
import { takePatiently } from '../patient-ingest.ts';
import type { Sender } from '../sender.ts';

/** What the messages of a foreign topic hold. */
const kinds = ['json', 'otlp_logs', 'otlp_spans', 'raw'] as const;

/** One entry of `collector.kafka_topics`. */
export const kafkaTopicSchema = Type.Object(
  {
    topic: Type.String({ minLength: 1, description: 'Name of the topic' }),
    kind: Type.Enum([...kinds], { default: 'json', description: 'What its messages hold' }),
    schema: Type.String({
      default: '',
      description: 'Schema of its records; recognised by shape when empty',
    }),
  },
  { additionalProperties: false },
);
type KafkaTopic = Static<typeof kafkaTopicSchema>;

const formatOf: Readonly<Record<KafkaTopic['kind'], Format>> = {
  json: native,
  otlp_logs: otlpLogs,
  otlp_spans: otlpTraces,
  raw: lines,
};

export interface KafkaSourceOptions {
  /** The foreign cluster: topics by their own names. */
  readonly log: EventLog;
  readonly topics: readonly KafkaTopic[];
  /** Consumer group under which offsets are kept. */
  readonly group: string;
  readonly ingest: Ingest;
  readonly clock: Clock;
  /** Who stands behind a topic. */
  readonly senderOf: (topic: string) => Sender;
  readonly onError: (error: unknown) => void;
}

/** Messages of one delivery: several records each are still well below a delivery's limit. */
const messagesMax = 1_000;

/**
 * Reads topics that others write to. A message is passed on before its offset is committed, and the ids of its
 * records are made of topic, partition and offset: a repeat after a crash is harmless.
 */
export async function startKafkaSource(options: KafkaSourceOptions): Promise<Stop> {
  const stopping = new AbortController();
  const byTopic = new Map(options.topics.map((entry) => [entry.topic, entry]));
  const subscription = await options.log.subscribe({
    group: options.group,
    topics: [...byTopic.keys()],
    from: 'earliest',
    batchRecordsMax: messagesMax,
    onError: options.onError,
    onBatch: async (batch) => {
      const entry = byTopic.get(batch.topic);
      if (entry === undefined || !(await passOn(batch, entry, options, stopping.signal))) return;
      const last = batch.records.at(-1);
      if (last === undefined) return;
      await subscription.commit(batch, { offset: last.offset + 1, metadata: '' });
    },
  });
  return async () => {
    stopping.abort();
    await subscription.stop();
  };
}

/** @returns `false` when the source stops before there was room; the batch is then read again by the next start */
async function passOn(
  batch: LogBatch,
  entry: KafkaTopic,
  { ingest, clock, senderOf }: KafkaSourceOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const format = formatOf[entry.kind];
  const stream = { stream: batch.topic, ...(entry.schema === '' ? {} : { schema: entry.schema }) };
  const delivery = {
    sender: senderOf(batch.topic),
    format: format.name,
    body: Buffer.alloc(0),
    decode: () => recordsOf(batch, format, stream),
    hint: stream,
  };
  try {
    await takePatiently(ingest, delivery, { clock, signal, patienceMs: Number.POSITIVE_INFINITY });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function* recordsOf(batch: LogBatch, format: Format, stream: object): Generator<FormatOutcome> {
  for (const record of batch.records) {
    let position = 0;
    for (const outcome of format.decode(record.value)) {
      yield withId(outcome, batch, record, position, stream);
      position += 1;
    }
  }
}

/** One damaged message is a reject like any other: the messages beside it count. */
function withId(
  outcome: FormatOutcome,
  { topic, partition }: LogBatch,
  record: LogRecord,
  position: number,
  stream: object,
): FormatOutcome {
  if (outcome.kind === 'reject') {
    return { kind: 'reject', reason: `${outcome.reason} (offset ${record.offset})`, sample: outcome.sample };
  }
  if (outcome.kind === 'ready') return outcome;
  const id = `${topic}/${partition}/${record.offset}/${position}`;
  return { ...outcome, hint: { time: record.timestamp, ...stream, ...outcome.hint, id } };
}
