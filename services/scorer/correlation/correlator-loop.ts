import type { Alert } from '#shared/alert.ts';
import type { ServiceContext } from '#shared/context.ts';
import { messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { readRange } from '#shared/log/follow.ts';
import type { LogBatch, LogRecord, Subscription, TopicPartition } from '#shared/log/log.ts';
import { appendPatiently } from '#shared/log/patient-append.ts';
import type { Signal } from '#shared/signal.ts';
import type { Decisions } from '../decisions.ts';
import { detectors } from '../detectors/index.ts';
import { followDecisions } from '../live/follow-decisions.ts';
import { startSnapshots } from '../live/snapshot-timer.ts';
import { createSnapshotKeeper, type SnapshotKeeper } from '../live/snapshots.ts';
import type { ScorerSettings } from '../settings.ts';
import { decodeState, encodeState } from '../state.ts';
import { type Correlators, createCorrelators } from './correlators.ts';

const correlatorGroup = 'correlator';
// A scorer that was killed tells its last signals again; among so many it is noticed. Between 32 and 64 characters
// each, that is a few megabytes.
const recentSignalsMax = 20_000;

/** Joins the signals of all scorers into alerts: one member of the group at a time holds the open cases. */
export async function startCorrelator(context: ServiceContext, settings: ScorerSettings): Promise<Stop> {
  const { log, metrics } = context;
  const { decisions, stop: stopFollowing } = await followDecisions(context, 'correlator');
  let holder: Promise<Holder> | undefined;
  const stopping = new AbortController();
  const joined = Promise.withResolvers<Subscription>();
  const subscription = await log.subscribe({
    group: correlatorGroup,
    topics: ['signals'],
    from: 'earliest',
    onAssigned: async (part) => {
      holder = Holder.open({ context, settings, decisions, stopping: stopping.signal }, part);
      return (await holder).offset;
    },
    onRevoked: async () => {
      const leaving = holder;
      holder = undefined;
      await (await leaving?.catch(() => undefined))?.save(); // what was never opened has nothing to save
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
  const saveAll = async () => (await holder?.catch(() => undefined))?.save();
  const stopSnapshots = startSnapshots(context, settings.snapshot_every_ms, saveAll);
  return async () => {
    stopping.abort(new Error('stopped'));
    await stopSnapshots();
    await subscription.stop();
    await stopFollowing();
  };
}

interface HolderOptions {
  readonly context: ServiceContext;
  readonly settings: ScorerSettings;
  readonly decisions: Decisions;
  /** Aborted when the correlator is to stop: a log that is away is not waited for any longer. */
  readonly stopping: AbortSignal;
}

/** The open cases, and where in the signals they are. */
class Holder {
  readonly #context: ServiceContext;
  readonly #stopping: AbortSignal;
  readonly #correlators: Correlators;
  readonly #keeper: SnapshotKeeper;
  #recent = new Set<string>();
  #older = new Set<string>();
  #isDirty = false;
  // The cases are past alerts that are not durable: saved now, they would never be told.
  #isAhead = false;
  #saving: Promise<void> = Promise.resolve();
  offset = 0;

  private constructor({ context, settings, stopping }: HolderOptions, partition: number) {
    this.#context = context;
    this.#stopping = stopping;
    const { alerts_per_day: alertsPerDay, reserve } = settings;
    this.#correlators = createCorrelators({
      alertsPerDay,
      reserve: { severity: reserve.severity, alertsPerDay: reserve.alerts_per_day },
      detectors,
    });
    this.#keeper = createSnapshotKeeper(context.log, { topic: 'snapshots', partition }, 'correlator');
  }

  static async open(options: HolderOptions, part: TopicPartition): Promise<Holder> {
    const holder = new Holder(options, part.partition);
    const snapshot = await holder.#keeper.load();
    if (snapshot !== undefined) {
      holder.#correlators.restore(decodeState(snapshot.state));
      holder.offset = snapshot.offsets[part.topic] ?? 0;
    }
    options.decisions.follow('alert', holder.#correlators.decide);
    const range = { from: Math.max(0, holder.offset - recentSignalsMax), to: holder.offset };
    await readRange(options.context.log, part, range, (record) => {
      holder.#isRepeat(holder.#read(record)?.id ?? '');
    });
    return holder;
  }

  /** Resolves when the alerts that follow are durable. Rejects when stopped while the log is away. */
  async take(batch: LogBatch): Promise<void> {
    const told: Alert[] = [];
    this.#isAhead = true;
    for (const record of batch.records) {
      if (record.offset < this.offset) continue;
      const signal = this.#read(record);
      if (signal !== undefined && !this.#isRepeat(signal.id)) told.push(...this.#correlators.take(signal));
      this.offset = record.offset + 1;
    }
    this.#isDirty = true;
    if (told.length > 0) await this.#tell(told);
    this.#isAhead = false;
  }

  /** Stores the cases if they have changed. One save at a time: a second call waits for the one under way. */
  save(): Promise<void> {
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#save());
    return this.#saving;
  }

  async #tell(told: readonly Alert[]): Promise<void> {
    const records = told.map((alert) => ({ key: alert.space, value: JSON.stringify(alert) }));
    await appendPatiently({ ...this.#context, signal: this.#stopping }, 'alerts', records);
    this.#context.metrics
      .counter('alerts', 'Alerts told')
      .inc({ service: 'correlator', kind: 'alert' }, told.length);
  }

  async #save(): Promise<void> {
    // While alerts are on their way the state is not saved: the next save, or a replay, makes it good.
    if (!this.#isDirty || this.#isAhead) return;
    this.#isDirty = false;
    const state = encodeState(this.#correlators.save);
    try {
      await this.#keeper.save({ state, offsets: { signals: this.offset } });
    } catch (error) {
      this.#isDirty = true;
      throw error;
    }
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
