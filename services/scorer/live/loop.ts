import type { ServiceContext } from '#shared/context.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { LogBatch, Subscription, TopicPartition } from '#shared/log/log.ts';
import { createPartitioner } from '#shared/log/partitioner.ts';
import { PartitionScorer, type PartitionScorerOptions } from './partition-scorer.ts';
import { startSnapshots } from './snapshot-timer.ts';

/** The consumer group of the scorers: they share the partitions. */
const scorerGroup = 'scorer';

const topics = ['events', 'arrivals'] as const;

// The signals of a batch are made durable together, which costs a sync of the disk: when there is much to read, a tenth of
// a second's work shares one.
const batchRecordsMax = 8_000;

export interface ScorerLoopOptions {
  readonly createEngine: PartitionScorerOptions['createEngine'];
  /** How often the state of a partition is stored, ms: a restart replays at the most what came since. */
  readonly snapshotEveryMs: number;
}

/** Scores the partitions that the group gives us until stopped; baselines move with their partition. */
export async function startScorerLoop(context: ServiceContext, options: ScorerLoopOptions): Promise<Stop> {
  const { log, metrics } = context;
  const partitionOf = createPartitioner((await log.offsets('events')).length);
  const scorers = new Map<number, Promise<PartitionScorer>>();
  const joined = Promise.withResolvers<Subscription>();
  const note = createNote(context);
  const stopping = new AbortController();
  const scorerOf = (partition: number) => {
    const known = scorers.get(partition);
    if (known !== undefined) return known;
    const { createEngine } = options;
    const { signal } = stopping;
    const opened = PartitionScorer.open({ context, partition, partitionOf, createEngine, stopping: signal });
    scorers.set(partition, opened);
    opened.catch(() => scorers.delete(partition)); // the log went away meanwhile: the next to ask opens it again
    return opened;
  };
  const subscription = await log.subscribe({
    group: scorerGroup,
    topics,
    from: 'earliest',
    batchRecordsMax,
    onAssigned: async ({ topic, partition }) => (await scorerOf(partition)).startOf(topic),
    onRevoked: async ({ topic, partition }) => {
      metrics.lag.remove({ service: 'scorer', topic, partition: String(partition) }); // the next owner tells it
      const scorer = scorers.get(partition);
      scorers.delete(partition); // the second topic of the partition finds nothing left to do
      await (await scorer?.catch(() => undefined))?.save(); // what was never opened has nothing to save
    },
    onBatch: async (batch) => {
      const scorer = await scorers.get(batch.partition);
      if (scorer === undefined) return; // half of the partition has gone: the next owner reads this again
      const endTimer = metrics.latency.startTimer({ service: 'scorer', step: 'batch' });
      await scorer.take(batch);
      endTimer();
      await note(await joined.promise, batch);
    },
    onError: context.fail,
  });
  joined.resolve(subscription);
  const stopSnapshots = startSnapshots(context, options.snapshotEveryMs, async () => {
    for (const scorer of [...scorers.values()]) await (await scorer).save();
  });
  return async () => {
    stopping.abort(new Error('stopped'));
    await stopSnapshots();
    await subscription.stop();
  };
}

// A commit costs a sync of the disk, or a request: while there is more to read, four a second tell enough.
const commitEveryMs = 250;

/** Commits where we are. The snapshot decides where a restart begins; this is for those who watch the lag. */
function createNote({ metrics, clock }: ServiceContext) {
  const committedAt = new Map<string, number>();
  return async (subscription: Subscription, batch: LogBatch): Promise<void> => {
    const { topic, partition, records, endOffset } = batch;
    const next = (records.at(-1)?.offset ?? 0) + 1;
    metrics.received.inc({ service: 'scorer', source: topic }, records.length);
    metrics.lag.set(
      { service: 'scorer', topic, partition: String(partition) },
      Math.max(0, endOffset - next),
    );
    const key = `${topic}/${partition}`;
    const isBehind = next < endOffset;
    if (isBehind && clock.now() - (committedAt.get(key) ?? 0) < commitEveryMs) return;
    committedAt.set(key, clock.now());
    const part: TopicPartition = { topic, partition };
    if (subscription.assigned().some((ours) => ours.topic === topic && ours.partition === partition)) {
      await subscription.commit(part, { offset: next, metadata: '' });
    }
  };
}
