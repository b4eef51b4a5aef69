import { randomUUID } from 'node:crypto';
import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { type Silence, silenceOf } from '#shared/silence.ts';

/** The silences that people have decided on, read live from the decisions. */
export interface Silences {
  /** In force or still to come. */
  all(): Iterable<Silence>;
  /**
   * Resolves when every decision that was there at the start has been read: before that, nobody is told anything.
   * Rejects when stopped first.
   */
  readonly ready: Promise<void>;
  readonly stop: Stop;
}

// People make them by hand; beyond this many in force at once a further one does not take effect, and it is logged.
const silencesMax = 10_000;
const readRecordsMax = 1_000;
const topic = 'decisions' satisfies TopicName;

/** Follows the decisions of people, of which every process reads all. */
export async function followSilences(context: ServiceContext): Promise<Silences> {
  const { log, clock, logger } = context;
  const silences = new Map<string, Silence>();
  const take = (record: LogRecord) => {
    if (record.key === null || !record.key.startsWith('silence/')) return;
    silences.delete(record.key);
    const silence = parseSilence(record);
    if (silence === undefined || silence.until <= clock.now()) return;
    if (silences.size >= silencesMax) forgetExpired(silences, clock.now());
    if (silences.size < silencesMax) silences.set(record.key, silence);
    else logger.error({ decision: record.key, silencesMax }, 'too many silences; this one has no effect');
  };
  const missing = new Set((await log.offsets(topic)).map(({ partition }) => partition));
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  ready.catch(() => undefined); // a stop before anybody waits is no fault
  const catchUp = async (part: TopicPartition) => {
    let offset = 0;
    for (;;) {
      const records = await log.read(part, offset, readRecordsMax);
      for (const record of records) take(record);
      const last = records.at(-1);
      if (last === undefined) break;
      offset = last.offset + 1;
    }
    missing.delete(part.partition);
    if (missing.size === 0) resolve();
    return offset;
  };
  const subscription = await log.subscribe({
    group: `notifier.decisions.${randomUUID()}`, // of this process alone, so that it is given every partition
    topics: [topic],
    from: 'earliest',
    onAssigned: catchUp,
    onBatch: async (batch) => {
      for (const record of batch.records) take(record);
    },
    onError: context.fail,
  });
  return {
    all: () => silences.values(),
    ready,
    stop: async () => {
      reject(new Error('stopped before the decisions were read'));
      await subscription.stop();
    },
  };
}

function parseSilence(record: LogRecord): Silence | undefined {
  try {
    return silenceOf(JSON.parse(record.value.toString('utf8')) as Decision);
  } catch {
    return undefined; // deleted, or not for us to understand: no silence either way
  }
}

function forgetExpired(silences: Map<string, Silence>, now: number): void {
  for (const [key, { until }] of silences) if (until <= now) silences.delete(key);
}
