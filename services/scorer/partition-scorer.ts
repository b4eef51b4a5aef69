import type { ServiceContext } from '#shared/context.ts';
import type { AmissEvent } from '#shared/event.ts';
import { readRange } from '#shared/log/follow.ts';
import type { AppendRecord, LogBatch, LogRecord, TopicPartition } from '#shared/log/log.ts';
import type { Partitioner } from '#shared/log/partitioner.ts';
import { appendPatiently } from '#shared/log/patient-append.ts';
import { createRecentIds, type RecentIds, recentIdsBefore } from '#shared/log/recent-ids.ts';
import { repeatableKeyOf } from '#shared/log/record-id.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { rejectSampleBytesMax } from '#shared/reject.ts';
import type { Signal } from '#shared/signal.ts';
import { createSnapshotKeeper, type Snapshot, type SnapshotKeeper } from './snapshots.ts';

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
  /** Aborted when the scorer is to stop: a log that is away is not waited for any longer. */
  readonly stopping: AbortSignal;
}

// Records of arrivals that are read back for their ids, each the events of one batch of a collector: more than the
// retry of a shipper's request spans.
const arrivalsReadBackMax = 4_096;

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
  // The state is past signals that are not durable: saved now, it would never find them again.
  #isAhead = false;
  #turn: Promise<unknown> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();

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
    const recentIds =
      topic === 'events'
        ? await recentIdsBefore(this.#options.context.log, part, offset)
        : await this.#recentArrivalsBefore(part, offset);
    this.#recentIds.set(topic, recentIds);
    return offset;
  }

  async #recentArrivalsBefore(part: TopicPartition, offset: number): Promise<RecentIds> {
    const recentIds = createRecentIds();
    const range = { from: Math.max(0, offset - arrivalsReadBackMax), to: offset };
    await readRange(this.#options.context.log, part, range, (record) => {
      for (const { id } of eventsOf(part.topic, record) ?? []) recentIds.isRepeat(repeatableKeyOf(id));
    });
    return recentIds;
  }

  /** Scores a batch; resolves when its signals are durable. Rejects when stopped while the log is away. */
  take(batch: LogBatch): Promise<void> {
    return this.#inTurn(() => this.#take(batch));
  }

  /** Stores the state if it has changed. One save at a time: a second call waits for the one under way. */
  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#save());
    return this.#saving;
  }

  /** Batches of both topics, and the moment of a snapshot, one after another. */
  #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined); // whoever asked for it is told
    return turn;
  }

  async #take(batch: LogBatch): Promise<void> {
    this.#isAhead = true;
    for (const record of batch.records) {
      if (record.offset < (this.#offsets[batch.topic] ?? 0)) continue;
      await this.#takeRecord(batch.topic, record);
      this.#offsets[batch.topic] = record.offset + 1;
    }
    this.#isDirty = true;
    await this.#appendSignals();
    this.#isAhead = false;
  }

  async #save(): Promise<void> {
    const snapshot = await this.#inTurn(() => this.#pack());
    if (snapshot === undefined) return;
    try {
      await this.#keeper.save(snapshot);
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }

  #pack(): Snapshot | undefined {
    if (!this.#isDirty || this.#isAhead) return undefined;
    this.#isDirty = false;
    return { state: this.#engine.save(), offsets: { ...this.#offsets } };
  }

  async #takeRecord(topic: string, record: LogRecord): Promise<void> {
    const events = eventsOf(topic, record);
    if (events === undefined) await this.#reject(topic, record);
    else for (const event of events) this.#observe(topic, event);
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
    await this.#append('signals', records);
    this.#options.context.metrics
      .counter('signals', 'Signals found')
      .inc({ service: 'scorer', kind: 'signal' }, signals.length);
  }

  #append(topic: TopicName, records: readonly AppendRecord[]): Promise<void> {
    const { context, stopping } = this.#options;
    return appendPatiently({ ...context, signal: stopping }, topic, records);
  }

  async #reject(topic: string, record: LogRecord): Promise<void> {
    const { clock, metrics } = this.#options.context;
    metrics.rejected.inc({ service: 'scorer', source: topic });
    const reject = {
      id: `${topic}/${this.#options.partition}/${record.offset}`,
      time: clock.now(),
      space: 'default',
      source: 'event log',
      format: topic,
      reason: 'the record holds no event',
      sample: record.value.toString('utf8', 0, rejectSampleBytesMax),
    };
    await this.#append('rejects', [{ key: reject.space, value: JSON.stringify(reject) }]);
  }
}

/** The events of a record; `undefined` where it holds something else: a poison record must not stop a partition. */
function eventsOf(topic: string, { value }: LogRecord): readonly AmissEvent[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value.toString('utf8'));
    const events = topic === 'arrivals' ? parsed : [parsed];
    return Array.isArray(events) && events.every(isEvent) ? events : undefined;
  } catch {
    return undefined; // told by whoever asked
  }
}

/** Has what no event is without? Collectors have checked the rest. */
function isEvent(value: unknown): value is AmissEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { id, time, space, source, destination } = value as Partial<AmissEvent>;
  return (
    Number.isFinite(time) &&
    [id, space, source, destination].every((text) => typeof text === 'string' && text !== '')
  );
}
