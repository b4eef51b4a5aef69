import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../shared/clock.ts';
import { openEmbeddedLog } from '../../shared/log/embedded.ts';
import type {
  Consumer,
  EventLog,
  LogRecord,
  Subscription,
  TopicPartition,
  TopicSpec,
} from '../../shared/log/log.ts';

/** A place where a log lives, so that it can be closed and opened again. */
export interface LogPlace {
  open(): Promise<EventLog>;
  dispose(): Promise<void>;
}

/** A new folder for an embedded log that tidies up often and notices the dead soon. */
export async function embeddedPlace(): Promise<LogPlace & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'amiss-log-'));
  const quick = { maintainEveryMs: 50, compactBytesMin: 1, leaseMs: 2_000 };
  return {
    path,
    open: () => openEmbeddedLog({ path, clock: systemClock, ...quick }),
    dispose: () => rm(path, { recursive: true, force: true }),
  };
}

let topics = 0;

/** A topic that no other test uses, kept for ever unless the test says otherwise. */
export function topicSpec(spec: Partial<TopicSpec> = {}): TopicSpec {
  const name = `topic-${process.pid}-${Date.now()}-${topics++}`;
  return { name, partitions: 1, retentionMs: 0, retentionBytes: 0, isCompacted: false, ...spec };
}

/** Waits until something is so, by looking; fails with what was last seen. */
export async function until<T>(look: () => T | Promise<T>, isGood: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const seen = await look();
    if (isGood(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`waited in vain; last seen: ${JSON.stringify(seen)}`);
    await pause(20);
  }
}

/** What a member of a group has heard, in order. */
export interface Heard {
  readonly subscription: Subscription;
  readonly records: (LogRecord & TopicPartition)[];
  /** `assigned topic/0`, `batch topic/0`, `revoked topic/0`. */
  readonly calls: string[];
  readonly errors: unknown[];
  values(): readonly string[];
}

/** Subscribes and notes everything; commits each batch after it was noted. */
export async function listen(
  log: EventLog,
  consumer: Partial<Consumer> & Pick<Consumer, 'group' | 'topics'>,
) {
  const records: Heard['records'] = [];
  const calls: string[] = [];
  const errors: unknown[] = [];
  const name = ({ topic, partition }: TopicPartition) => `${consumer.topics.indexOf(topic)}/${partition}`;
  const subscription: Subscription = await log.subscribe({
    from: 'earliest',
    ...consumer,
    onAssigned: async (part, committed) => {
      calls.push(`assigned ${name(part)}`);
      return consumer.onAssigned?.(part, committed);
    },
    onRevoked: async (part) => {
      await consumer.onRevoked?.(part);
      calls.push(`revoked ${name(part)}`);
    },
    onBatch: async (batch) => {
      calls.push(`batch ${name(batch)}`);
      const { topic, partition } = batch;
      records.push(...batch.records.map((record) => ({ ...record, topic, partition })));
      if (consumer.onBatch !== undefined) return consumer.onBatch(batch);
      const last = batch.records.at(-1);
      return subscription.commit(batch, { offset: (last?.offset ?? 0) + 1, metadata: '' });
    },
    onError: (error) => errors.push(error),
  });
  return { subscription, records, calls, errors, values: () => records.map(({ value }) => String(value)) };
}

/** Values with their own keys, `a` → key `a`. */
export function keyed(...values: readonly string[]) {
  return values.map((value) => ({ key: value, value }));
}

/** Values for one partition. */
export function toPartition(partition: number, ...values: readonly string[]) {
  return values.map((value) => ({ key: null, value, partition }));
}

/** Every record of a partition, however many reads it takes. */
export async function readAll(log: EventLog, part: TopicPartition): Promise<readonly LogRecord[]> {
  const records: LogRecord[] = [];
  for (;;) {
    const more = await log.read(part, (records.at(-1)?.offset ?? -1) + 1, 1000);
    if (more.length === 0) return records;
    records.push(...more);
  }
}
