import type { Alert } from '#shared/alert.ts';
import type { Clock } from '#shared/clock.ts';
import type { Delivery } from '#shared/delivery.ts';
import type { Logger } from '#shared/logger.ts';
import type { Metrics } from '#shared/metrics.ts';
import type { Random } from '#shared/random.ts';
import { startDispatcher } from './dispatcher.ts';
import { fitAlert, messageId, type NotificationType, notificationOf } from './notification.ts';
import { createOutbox } from './outbox.ts';
import { admit, type Stage } from './pipeline.ts';
import { createReceiverState } from './receiver-state.ts';
import { createDedup } from './stages/dedup.ts';
import type { DeliveryRecorder } from './stages/record.ts';
import { afterAttempt } from './stages/retry.ts';
import { createSelect } from './stages/select.ts';
import type { Target } from './targets/target.ts';

export interface LaneOptions {
  readonly target: Target;
  readonly mute: Stage;
  readonly recorder: DeliveryRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Attempts at the same time, each about another alert. */
  readonly inFlightMax: number;
  /** Milliseconds after which an attempt has failed. */
  readonly timeoutMs: number;
  /** Called whenever a message has left. */
  readonly onSettled: () => void;
  /** The lane cannot go on: a bug, or a log that refuses for good. */
  readonly onError: (error: unknown) => void;
}

/**
 * Everything that goes to one target: what it was told, what waits, and the attempts under way. Nothing is shared
 * between lanes, so a slow or dead receiver holds up nobody else.
 */
export interface Lane {
  /**
   * Takes alerts in; resolves when the messages that follow from them are durable, or with `false` when the lane
   * was stopped before they were: whoever takes it over reads them again.
   */
  offer(alerts: readonly Alert[]): Promise<boolean>;
  /** Forgets what was told before this time, UTC ms. */
  forget(before: number): void;
  /** Messages that wait or are under way. */
  readonly pending: number;
  /** Ends the lane; what is not delivered then is repeated, with the same message id, by whoever takes it over. */
  stop(): Promise<void>;
}

/** @param recorded what the delivery log holds of this lane, in its order */
export function startLane(options: LaneOptions, recorded: readonly Delivery[]): Lane {
  const { target, recorder, clock, metrics } = options;
  const dedup = createDedup(target.tellsUpdates);
  const stages = [options.mute, createSelect(target), dedup];
  const outbox = createOutbox();
  for (const delivery of recorded) dedup.remember(delivery);
  for (const delivery of stillToTell(recorded)) outbox.add(delivery);
  const stopping = new AbortController();
  const receiver = createReceiverState(target.name, options.logger, metrics);
  const pending = metrics.gauge('notifier_pending', 'Messages that wait or are under way, by target');
  const dispatcher = startDispatcher({
    outbox,
    receiver,
    clock,
    inFlightMax: options.inFlightMax,
    onError: options.onError,
    attempt: async (delivery, signal) => {
      const after = await attempt(options, delivery, signal);
      if (after === undefined) return;
      await recorder.record([after.delivery], signal);
      outbox.settle(after.delivery);
      receiver.note(after.result, after.delivery.time);
      pending.set({ service: 'notifier', kind: target.name }, outbox.size);
      options.onSettled();
    },
  });
  return {
    offer: async (alerts) => {
      const planned: Delivery[] = [];
      for (const alert of alerts) {
        const admission = admit(stages, alert);
        if (admission.kind === 'refused') {
          countRefused(metrics, admission.stage);
          continue;
        }
        const type = dedup.isKnown(alert) ? 'anomaly.alert.updated' : 'anomaly.alert.created';
        const delivery = firstRecord(target.name, type, alert, clock.now());
        dedup.remember(delivery);
        planned.push(delivery);
      }
      if (planned.length === 0) return true;
      try {
        await recorder.record(planned, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return false;
        throw error;
      }
      for (const delivery of planned) outbox.add(delivery);
      pending.set({ service: 'notifier', kind: target.name }, outbox.size);
      dispatcher.wake();
      return true;
    },
    forget: (before) => dedup.forget(before),
    get pending() {
      return outbox.size;
    },
    stop: async () => {
      stopping.abort();
      await dispatcher.stop();
    },
  };
}

/** The log holds a message where it was last attempted, an alert's messages are told in the order of its revisions. */
function stillToTell(recorded: readonly Delivery[]): readonly Delivery[] {
  return recorded
    .filter((delivery) => delivery.notification !== undefined)
    .sort((left, right) => left.revision - right.revision);
}

/** One attempt and the record that follows from it; `undefined` where it was broken off: it never happened then. */
async function attempt(options: LaneOptions, delivery: Delivery, signal: AbortSignal) {
  const { target, clock, metrics, random } = options;
  const startedAt = clock.now();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  const result = await target.deliver(notificationOf(delivery), limit);
  if (signal.aborted && !result.ok) return undefined;
  const now = clock.now();
  const durationMs = Math.max(0, now - startedAt);
  const after = afterAttempt(delivery, { result, now, durationMs, random });
  const labels = { service: 'notifier', source: target.name };
  if (after.state === 'delivered') metrics.accepted.inc(labels);
  if (after.state === 'gave_up') metrics.rejected.inc(labels);
  if (after.state === 'failed') metrics.failures.inc({ service: 'notifier', code: 'DELIVERY' });
  metrics.latency.observe({ service: 'notifier', step: 'deliver' }, durationMs / 1000);
  return { delivery: after, result };
}

function firstRecord(target: string, type: NotificationType, alert: Alert, now: number): Delivery {
  return {
    id: messageId(target, alert),
    attempt: 0,
    time: now,
    space: alert.space,
    alert: alert.id,
    revision: alert.revision,
    target,
    state: 'pending',
    status: null,
    reason: '',
    next_attempt_at: now,
    duration_ms: 0,
    type,
    alert_status: alert.status,
    severity: alert.severity,
    notification: JSON.stringify(fitAlert(alert)),
  };
}

function countRefused(metrics: Metrics, stage: string): void {
  metrics
    .counter('notifier_refused', 'Alerts that were not told to a target, by the stage that kept them back')
    .inc({ service: 'notifier', kind: stage });
}
