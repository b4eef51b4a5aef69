import type { ServiceContext } from '#shared/context.ts';
import { messageOf } from '#shared/errors.ts';
import type { AmissEvent } from '#shared/event.ts';
import type { LogBatch, LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { Partitioner } from '#shared/log/partitioner.ts';
import { createRecentIds, type RecentIds, recentIdsBefore } from '#shared/log/recent-ids.ts';
import { repeatableKeyOf } from '#shared/log/record-id.ts';
import { rejectSampleBytesMax } from '#shared/reject.ts';
import type { Signal } from '#shared/signal.ts';
import { createSnapshotKeeper, type SnapshotKeeper } from './snapshots.ts';

/** Which ends of an event belong to this partition's agents. */
export type Sides = 'both' | 'source' | 'destination';

/** What scores: pure, in memory, without a clock. */
export interface ScoringEngine {
  observe(event: AmissEvent, sides: Sides): void;
  save(): Buffer;
  restore(state: Buffer): void;
}

export interface PartitionScorerOptions {
  readonly context: ServiceContext;
  readonly partition: number;
  readonly partitionOf: Partitioner;
  readonly createEngine: (onSignal: (signal: Signal) => void) => ScoringEngine;
}

/**
 * Everything about the agents of one partition: their events as callers (`events`) and as called (`arrivals`). Its
 * state is a snapshot plus a replay from the offsets in it; a replay gives the same signals with the same ids.
 */
export class PartitionScorer {
  readonly #options: PartitionScorerOptions;
  readonly #engine: ScoringEngine;
  readonly #keeper: SnapshotKeeper;
  readonly #offsets: Record<string, number> = {};
  readonly #recentIds = new Map<string, RecentIds>();
  #signals: Signal[] = [];
  #isDirty = false;
  #saving: Promise<void> | undefined;

  private constructor(options: PartitionScorerOptions) {
    const { context, partition } = options;
    this.#options = options;
    this.#engine = options.createEngine((signal) => this.#signals.push(signal));
    this.#keeper = createSnapshotKeeper(context.log, { topic: 'snapshots', partition }, 'scorer');
  }

  /** A scorer that knows what the last one of this partition knew. */
  static async open(options: PartitionScorerOptions): Promise<PartitionScorer> {
    const scorer = new PartitionScorer(options);
    const snapshot = await scorer.#keeper.load();
    if (snapshot !== undefined) {
      scorer.#engine.restore(snapshot.state);
      Object.assign(scorer.#offsets, snapshot.offsets);
    }
    return scorer;
  }

  /** Where to start a topic: after what the snapshot includes. */
  async startOf(topic: string): Promise<number> {
    const offset = this.#offsets[topic] ?? 0;
    const part: TopicPartition = { topic, partition: this.#options.partition };
    // Arrivals come in groups; after a restart a repeat among them is counted once more, and no row or alert doubles.
    const recentIds =
      topic === 'events' ? await recentIdsBefore(this.#options.context.log, part, offset) : createRecentIds();
    this.#recentIds.set(topic, recentIds);
    return offset;
  }

  /** Scores a batch; resolves when its signals are durable. */
  async take(batch: LogBatch): Promise<void> {
    for (const record of batch.records) {
      if (record.offset < (this.#offsets[batch.topic] ?? 0)) continue;
      await this.#takeRecord(batch.topic, record);
      this.#offsets[batch.topic] = record.offset + 1;
    }
    this.#isDirty = true;
    await this.#appendSignals();
  }

  /** Stores the state if it has changed. One save at a time: a second call waits for the one under way. */
  async save(): Promise<void> {
    await this.#saving;
    if (!this.#isDirty) return;
    this.#isDirty = false;
    // Packed before the first await, so that state and offsets are of one moment.
    const snapshot = { state: this.#engine.save(), offsets: { ...this.#offsets } };
    this.#saving = this.#keeper.save(snapshot);
    await this.#saving;
  }

  async #takeRecord(topic: string, record: LogRecord): Promise<void> {
    let events: readonly AmissEvent[];
    try {
      const parsed: unknown = JSON.parse(record.value.toString('utf8'));
      events = topic === 'arrivals' ? (parsed as AmissEvent[]) : [parsed as AmissEvent];
    } catch (error) {
      await this.#reject(topic, record, messageOf(error));
      return;
    }
    for (const event of events) this.#observe(topic, event);
  }

  #observe(topic: string, event: AmissEvent): void {
    if (this.#recentIds.get(topic)?.isRepeat(repeatableKeyOf(event.id))) return;
    const { partition, partitionOf } = this.#options;
    if (topic === 'arrivals') this.#engine.observe(event, 'destination');
    else this.#engine.observe(event, partitionOf(event.destination) === partition ? 'both' : 'source');
  }

  async #appendSignals(): Promise<void> {
    const signals = this.#signals;
    if (signals.length === 0) return;
    this.#signals = [];
    const records = signals.map((signal) => ({ key: signal.space, value: JSON.stringify(signal) }));
    await this.#options.context.log.append('signals', records);
    this.#options.context.metrics
      .counter('signals', 'Signals found')
      .inc({ service: 'scorer', kind: 'signal' }, signals.length);
  }

  async #reject(topic: string, record: LogRecord, reason: string): Promise<void> {
    const { log, clock, metrics } = this.#options.context;
    metrics.rejected.inc({ service: 'scorer', source: topic });
    const reject = {
      id: `${topic}/${this.#options.partition}/${record.offset}`,
      time: clock.now(),
      space: 'default',
      source: 'event log',
      format: topic,
      reason: `the record is not JSON: ${reason}`,
      sample: record.value.toString('utf8', 0, rejectSampleBytesMax),
    };
    await log.append('rejects', [{ key: reject.space, value: JSON.stringify(reject) }]);
  }
}
