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
import { createEventOrder, type EventOrder, type Head } from './event-order.ts';
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
  readonly createEngine: (onSignal: (signal: Signal) => void, partition: number) => ScoringEngine;
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
  readonly #order: EventOrder;
  readonly #offsets: Record<string, number> = {};
  readonly #recentIds = new Map<string, RecentIds>();
  #signals: Signal[] = [];
  #isDirty = false;
  #turn: Promise<unknown> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();

  private constructor(options: PartitionScorerOptions) {
    const { context, partition } = options;
    this.#options = options;
    this.#order = createEventOrder({
      clock: context.clock,
      signal: options.stopping,
      endOf: (topic) => this.#endOf(topic),
    });
    this.#engine = options.createEngine((signal) => this.#signals.push(signal), partition);
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
    this.#order.begin(topic, offset, await this.#endOf(topic));
    return offset;
  }

  async #endOf(topic: string): Promise<number> {
    const ends = await this.#options.context.log.offsets(topic);
    return ends.find(({ partition }) => partition === this.#options.partition)?.next ?? 0;
  }

  async #recentArrivalsBefore(part: TopicPartition, offset: number): Promise<RecentIds> {
    const recentIds = createRecentIds();
    const range = { from: Math.max(0, offset - arrivalsReadBackMax), to: offset };
    await readRange(this.#options.context.log, part, range, (record) => {
      for (const { id } of eventsOf(part.topic, record) ?? []) recentIds.isRepeat(repeatableKeyOf(id));
    });
    return recentIds;
  }

  /** Scores a batch; resolves when its signals are durable. Rejects when stopped before. */
  async take({ topic, records, endOffset }: LogBatch): Promise<void> {
    const items = records
      .flatMap((record) => itemsOf(topic, record))
      .filter((item) => !this.#isTaken(topic, item));
    for (let from = 0; from < items.length; ) {
      const mayFollow = await this.#order.admit(topic, headOf(items[from]), endOffset);
      let to = from + 1;
      while (to < items.length && mayFollow(headOf(items[to]))) to += 1;
      await this.#inTurn(() => this.#takeRun(topic, items.slice(from, to)));
      from = to;
    }
    await this.#inTurn(() => this.#appendSignals());
  }

  /** Stores the state if it has changed. One save at a time: a second call waits for the one under way. */
  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#save());
    return this.#saving;
  }

  /** Runs of both topics, and the moment of a snapshot, one after another. */
  #inTurn<T>(work: () => Promise<T> | T): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined); // whoever asked for it is told
    return turn;
  }

  /** Is it in the state already? A snapshot may have been taken between two events of one record. */
  #isTaken(topic: string, { record, event, taken }: Item): boolean {
    const offset = this.#offsets[topic] ?? 0;
    if (record.offset !== offset) return record.offset < offset;
    const isTaken = taken !== 0 && taken <= (this.#offsets[takenKey(topic)] ?? 0);
    if (isTaken && event !== undefined) this.#isRepeat(topic, event);
    return isTaken;
  }

  async #takeRun(topic: string, run: readonly Item[]): Promise<void> {
    for (const { record, event, taken } of run) {
      if (event === undefined) await this.#reject(topic, record);
      else this.#observe(topic, event);
      this.#offsets[topic] = taken === 0 ? record.offset + 1 : record.offset;
      if (topic === 'arrivals') this.#offsets[takenKey(topic)] = taken;
      this.#isDirty = true;
    }
    this.#order.taken(topic, this.#offsets[topic] ?? 0);
  }

  #isRepeat(topic: string, { id }: AmissEvent): boolean {
    return this.#recentIds.get(topic)?.isRepeat(repeatableKeyOf(id)) ?? false;
  }

  async #save(): Promise<void> {
    const snapshot = await this.#inTurn(async () => {
      await this.#appendSignals(); // or the state would be past signals that a kill now would lose
      return this.#pack();
    });
    if (snapshot === undefined) return;
    try {
      await this.#keeper.save(snapshot);
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
  }

  #pack(): Snapshot | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return { state: this.#engine.save(), offsets: { ...this.#offsets } };
  }

  #observe(topic: string, event: AmissEvent): void {
    if (this.#isRepeat(topic, event)) return;
    const { partition, partitionOf } = this.#options;
    if (topic === 'arrivals') this.#engine.observe(event, 'destination');
    else this.#engine.observe(event, partitionOf(event.destination) === partition ? 'both' : 'source');
  }

  async #appendSignals(): Promise<void> {
    const signals = this.#signals;
    if (signals.length === 0) return;
    const records = signals.map((signal) => ({ key: signal.space, value: JSON.stringify(signal) }));
    await this.#append('signals', records);
    this.#signals = []; // only now: what could not be appended goes with the next
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

/** One event of a record, in its place; the record alone where it holds something else. */
interface Item {
  readonly record: LogRecord;
  readonly event: AmissEvent | undefined;
  /** Events of the record up to this one and with it; 0 for the last, after which the record is done. */
  readonly taken: number;
}

function itemsOf(topic: string, record: LogRecord): readonly Item[] {
  const events = eventsOf(topic, record) ?? [];
  if (events.length === 0) return [{ record, event: undefined, taken: 0 }];
  return events.map((event, i) => ({ record, event, taken: i === events.length - 1 ? 0 : i + 1 }));
}

/** What is no event is not waited with. */
const noEvent: Head = { space: '', time: 0, receivedAt: 0 };

function headOf(item: Item | undefined): Head {
  const event = item?.event;
  return event === undefined
    ? noEvent
    : { space: event.space, time: event.time, receivedAt: event.received_at };
}

/** Under which name the offsets of a snapshot hold how much of the next record is taken. */
function takenKey(topic: string): string {
  return `${topic}/taken`;
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
  const { id, time, received_at: receivedAt, space, source, destination } = value as Partial<AmissEvent>;
  return (
    Number.isFinite(time) &&
    Number.isFinite(receivedAt) &&
    [id, space, source, destination].every((text) => typeof text === 'string' && text !== '')
  );
}
