import type { Alert } from '#shared/alert.ts';
import type { ServiceContext } from '#shared/context.ts';
import type { Delivery } from '#shared/delivery.ts';
import { AppError } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { LogBatch, Subscription, TopicPartition } from '#shared/log/log.ts';
import { partitionOf } from '#shared/log/partition.ts';
import type { TopicName } from '#shared/log/topics.ts';
import type { Random } from '#shared/random.ts';
import { type Lane, startLane } from './lane.ts';
import type { Stage } from './pipeline.ts';
import { parseAlert, readDeliveries } from './records.ts';
import type { NotifierSettings } from './settings.ts';
import { createDeliveryRecorder } from './stages/record.ts';
import type { Target } from './targets/target.ts';

export interface TellerOptions {
  readonly context: ServiceContext;
  readonly settings: NotifierSettings;
  readonly target: Target;
  readonly mute: Stage;
  readonly random: Random;
  /** Resolves when it is known what to mute. */
  readonly ready: Promise<void>;
}

const alertsTopic = 'alerts' satisfies TopicName;
const deliveriesTopic = 'deliveries' satisfies TopicName;
// Alerts of one batch may go beyond `pending_max`, never further.
const batchRecordsMax = 100;
const hourMs = 3_600_000;
const forgetEveryMs = 24 * hourMs;
const forgetRecordsMax = 1_000;

/** A partition of the alerts that is this process's own. */
interface Owned {
  readonly lane: Lane;
  isPaused: boolean;
  /** When old records were last looked for, UTC ms. */
  forgotAt: number;
}

/**
 * Reads alerts for one target, as a consumer group named after it: of several notifiers one is the target's, and
 * when that one dies another takes over what is pending from the delivery log. A new target first hears of the
 * alerts that the log still holds.
 */
export async function startTeller(options: TellerOptions): Promise<Stop> {
  const { context, settings, target } = options;
  const owned = new Map<number, Owned>();
  const joined = Promise.withResolvers<Subscription>();

  const onSettled = async (part: TopicPartition) => {
    const mine = owned.get(part.partition);
    if (mine === undefined || !mine.isPaused || mine.lane.pending > settings.pending_max / 2) return;
    mine.isPaused = false;
    const reader = await joined.promise;
    if (reader.assigned().some(({ partition }) => partition === part.partition)) reader.resume(part);
  };
  const subscription = await context.log.subscribe({
    group: `notifier.${target.name}`,
    topics: [alertsTopic],
    from: 'earliest',
    batchRecordsMax,
    onAssigned: async (part) => {
      await options.ready;
      const lane = await takeOver(options, part, () => void onSettled(part));
      owned.set(part.partition, { lane, isPaused: false, forgotAt: Number.NEGATIVE_INFINITY });
      return undefined;
    },
    onRevoked: async (part) => {
      await owned.get(part.partition)?.lane.stop();
      owned.delete(part.partition);
    },
    onBatch: async (batch) => {
      const mine = owned.get(batch.partition);
      if (mine === undefined)
        throw new RangeError(`partition ${batch.partition} of alerts was never assigned`);
      const isDurable = await mine.lane.offer(alertsOf(batch, context, target.name));
      if (!isDurable) return;
      const reader = await joined.promise;
      if (mine.lane.pending >= settings.pending_max) {
        mine.isPaused = true;
        reader.pause(batch);
      }
      await commit(options, reader, batch);
      await forgetOld(options, mine, batch.partition);
    },
    onError: context.fail,
  });
  joined.resolve(subscription);
  return async () => {
    // First the lanes: a batch that waits for a log that is away would otherwise keep the subscription from ending.
    await Promise.all([...owned.values()].map(({ lane }) => lane.stop()));
    await subscription.stop();
  };
}

/** Starts the lane of a partition with what the delivery log knows of it. */
async function takeOver(options: TellerOptions, part: TopicPartition, onSettled: () => void): Promise<Lane> {
  const { context, settings, target, mute, random } = options;
  const recorded = await readDeliveries(
    context.log,
    deliveriesTopic,
    await ownership(options, part.partition),
  );
  return startLane(
    {
      ...context,
      target,
      mute,
      random,
      recorder: createDeliveryRecorder(context.log, deliveriesTopic, context.clock),
      inFlightMax: settings.in_flight_max,
      timeoutMs: settings.timeout_ms,
      onSettled,
      onError: context.fail,
    },
    recorded,
  );
}

/** Is a record about this target, and about an alert of this partition? */
async function ownership(options: TellerOptions, partition: number) {
  const { context, target } = options;
  const partitions = (await context.log.offsets(alertsTopic)).length;
  return (delivery: Delivery) =>
    delivery.target === target.name && partitionOf(delivery.space, partitions) === partition;
}

function alertsOf(batch: LogBatch, { logger, metrics }: ServiceContext, target: string): readonly Alert[] {
  const alerts: Alert[] = [];
  for (const record of batch.records) {
    const alert = parseAlert(record);
    if (alert !== undefined) {
      alerts.push(alert);
      continue;
    }
    metrics.failures.inc({ service: 'notifier', code: 'INPUT_INVALID' });
    logger.error({ target, offset: record.offset }, 'a record of the alerts is no alert; it is passed over');
  }
  metrics.received.inc({ service: 'notifier', source: target }, batch.records.length);
  return alerts;
}

/** Remembers how far the target was told; what is read again is recognised by the delivery log. */
async function commit(
  { context, target }: TellerOptions,
  reader: Subscription,
  batch: LogBatch,
): Promise<void> {
  const { topic, partition, records, endOffset } = batch;
  const offset = (records.at(-1)?.offset ?? 0) + 1;
  context.metrics
    .gauge('notifier_lag_records', 'Alerts in the log that a target has not been told of yet')
    .set({ service: 'notifier', kind: target.name }, Math.max(0, endOffset - offset));
  await mayFail(context, () => reader.commit({ topic, partition }, { offset, metadata: '' }));
}

/** For what the next batch makes good if the log does not do it now: a failure is counted, and no reason to end. */
async function mayFail({ metrics }: ServiceContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    metrics.failures.inc({ service: 'notifier', code: error.code });
  }
}

/** Deletes, once a day, the records of messages that ended so long ago that no repeat of them can come any more. */
async function forgetOld(options: TellerOptions, mine: Owned, partition: number): Promise<void> {
  const { log, clock } = options.context;
  const now = clock.now();
  if (now - mine.forgotAt < forgetEveryMs) return;
  mine.forgotAt = now;
  const before = now - options.settings.remember_hours * hourMs;
  mine.lane.forget(before);
  await mayFail(options.context, async () => {
    const isMine = await ownership(options, partition);
    const recorded = await readDeliveries(log, deliveriesTopic, isMine);
    const ended = recorded.filter(
      (delivery) => delivery.notification === undefined && delivery.time < before,
    );
    const recorder = createDeliveryRecorder(log, deliveriesTopic, clock);
    for (let from = 0; from < ended.length; from += forgetRecordsMax) {
      await recorder.forget(ended.slice(from, from + forgetRecordsMax));
    }
  });
}
