import type { ServiceContext } from '#shared/context.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { Committed, Subscription, TopicPartition } from '#shared/log/log.ts';
import { recentIdsBefore } from '#shared/log/recent-ids.ts';
import type { Store } from '#shared/store/store.ts';
import { intentOf } from './intent.ts';
import { PartitionWriter } from './partition-writer.ts';
import { recordedTopics } from './rows.ts';
import type { RecorderSettings } from './settings.ts';

/** The consumer group of the recorder, over all topics that it records. */
export const recorderGroup = 'recorder';

/**
 * Copies the log's topics into the store, each record once: batches carry tokens made of their offsets, and what a
 * crash interrupted is repeated exactly. While the store is away it waits, and nobody else notices.
 *
 * @returns resolves after the last batches were written, or given up to the next start
 */
export async function startRecorder(
  context: ServiceContext,
  settings: RecorderSettings,
  store: Store,
): Promise<Stop> {
  const writers = new Map<string, PartitionWriter>();
  const joined = Promise.withResolvers<Subscription>();
  const steer = (turn: (subscription: Subscription) => void) => {
    joined.promise.then(turn).catch(() => {}); // the partition has just been taken from us: nothing to pause
  };
  const write = async (part: TopicPartition, committed: Committed | undefined) => {
    const topic = recordedTopics.find((name) => name === part.topic);
    if (topic === undefined)
      throw new Error(`the recorder was given ${part.topic}, which it did not ask for`);
    const writer = new PartitionWriter({
      context,
      settings,
      store,
      part: { topic, partition: part.partition },
      unfinished: intentOf(committed),
      // Of all other topics the store itself keeps one row for each key.
      recentIds:
        topic === 'events' ? await recentIdsBefore(context.log, part, committed?.offset ?? 0) : undefined,
      commit: async (of, what) => (await joined.promise).commit(of, what),
      pause: (of) => steer((current) => current.pause(of)),
      resume: (of) => steer((current) => current.resume(of)),
    });
    writers.set(keyOf(part), writer);
    return undefined;
  };
  const endOf = async (part: TopicPartition) => {
    const writer = writers.get(keyOf(part));
    writers.delete(keyOf(part));
    await writer?.end();
  };
  const subscription = await context.log.subscribe({
    group: recorderGroup,
    topics: recordedTopics,
    from: 'earliest',
    batchRecordsMax: settings.batch_rows_max,
    onAssigned: write,
    onRevoked: endOf,
    onBatch: async (batch) => writers.get(keyOf(batch))?.add(batch),
    onError: context.fail,
  });
  joined.resolve(subscription);
  return async () => {
    // All at once, before the log asks for one after another: an absent store must not make us late.
    await Promise.all([...writers.values()].map((writer) => writer.end()));
    await subscription.stop();
  };
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
