import type { Alert } from '#shared/alert.ts';
import type { ServiceContext } from '#shared/context.ts';
import { messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { LogBatch, LogRecord, Subscription, TopicPartition } from '#shared/log/log.ts';
import type { Signal } from '#shared/signal.ts';
import { type Correlator, createCorrelator } from './correlator.ts';
import { detectors } from './detectors/index.ts';
import type { ScorerSettings } from './settings.ts';
import { startSnapshots } from './snapshot-timer.ts';
import { createSnapshotKeeper, type SnapshotKeeper } from './snapshots.ts';
import { decodeState, encodeState } from './state.ts';

const correlatorGroup = 'correlator';
// A scorer that was killed tells its last signals again; among so many it is noticed. Between 32 and 64 characters
// each, that is a few megabytes.
const recentSignalsMax = 20_000;

/** Joins the signals of all scorers into alerts: one member of the group at a time holds the open cases. */
export async function startCorrelator(context: ServiceContext, settings: ScorerSettings): Promise<Stop> {
  const { log, metrics } = context;
  let holder: Promise<Holder> | undefined;
  const joined = Promise.withResolvers<Subscription>();
  const subscription = await log.subscribe({
    group: correlatorGroup,
    topics: ['signals'],
    from: 'earliest',
    onAssigned: async (part) => {
      holder = Holder.open(context, settings, part);
      return (await holder).offset;
    },
    onRevoked: async () => {
      const leaving = holder;
      holder = undefined;
      await (await leaving)?.save();
    },
    onBatch: async (batch) => {
      const current = await holder;
      if (current === undefined) return;
      await current.take(batch);
      const { topic, partition, endOffset } = batch;
      const lag = Math.max(0, endOffset - current.offset);
      metrics.received.inc({ service: 'correlator', source: topic }, batch.records.length);
      metrics.lag.set({ service: 'correlator', topic, partition: String(partition) }, lag);
      await (await joined.promise).commit({ topic, partition }, { offset: current.offset, metadata: '' });
    },
    onError: context.fail,
  });
  joined.resolve(subscription);
  const saveAll = async () => (await holder)?.save();
  const stopSnapshots = startSnapshots(context, settings.snapshot_every_ms, saveAll);
  return async () => {
    await stopSnapshots();
    await subscription.stop();
  };
}

/** The open cases, and where in the signals they are. */
class Holder {
  readonly #context: ServiceContext;
  readonly #correlator: Correlator;
  readonly #keeper: SnapshotKeeper;
  #recent = new Set<string>();
  #older = new Set<string>();
  #isDirty = false;
  offset = 0;

  private constructor(context: ServiceContext, settings: ScorerSettings, partition: number) {
    this.#context = context;
    this.#correlator = createCorrelator({ alertsPerDay: settings.alerts_per_day, detectors });
    this.#keeper = createSnapshotKeeper(context.log, { topic: 'snapshots', partition }, 'correlator');
  }

  static async open(
    context: ServiceContext,
    settings: ScorerSettings,
    part: TopicPartition,
  ): Promise<Holder> {
    const holder = new Holder(context, settings, part.partition);
    const snapshot = await holder.#keeper.load();
    if (snapshot !== undefined) {
      holder.#correlator.restore(decodeState(snapshot.state));
      holder.offset = snapshot.offsets[part.topic] ?? 0;
    }
    let from = Math.max(0, holder.offset - recentSignalsMax);
    while (from < holder.offset) {
      const records = await context.log.read(part, from, holder.offset - from);
      for (const record of records) {
        if (record.offset < holder.offset) holder.#isRepeat(holder.#read(record)?.id ?? '');
      }
      from = (records.at(-1)?.offset ?? holder.offset) + 1;
    }
    return holder;
  }

  async take(batch: LogBatch): Promise<void> {
    const told: Alert[] = [];
    for (const record of batch.records) {
      if (record.offset < this.offset) continue;
      const signal = this.#read(record);
      const alert = signal && !this.#isRepeat(signal.id) ? this.#correlator.take(signal) : undefined;
      if (alert !== undefined) told.push(alert);
      this.offset = record.offset + 1;
    }
    this.#isDirty = true;
    if (told.length === 0) return;
    const records = told.map((alert) => ({ key: alert.space, value: JSON.stringify(alert) }));
    await this.#context.log.append('alerts', records);
    this.#context.metrics
      .counter('alerts', 'Alerts told')
      .inc({ service: 'correlator', kind: 'alert' }, told.length);
  }

  async save(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    await this.#keeper.save({ state: encodeState(this.#correlator.save), offsets: { signals: this.offset } });
  }

  #read(record: LogRecord): Signal | undefined {
    try {
      return JSON.parse(record.value.toString('utf8')) as Signal;
    } catch (error) {
      this.#context.metrics.rejected.inc({ service: 'correlator', source: 'signals' });
      this.#context.logger.error(
        { offset: record.offset, reason: messageOf(error) },
        'signal cannot be read',
      );
      return undefined;
    }
  }

  #isRepeat(id: string): boolean {
    if (this.#recent.has(id) || this.#older.has(id)) return true;
    if (this.#recent.size >= recentSignalsMax) [this.#older, this.#recent] = [this.#recent, new Set()];
    this.#recent.add(id);
    return false;
  }
}
