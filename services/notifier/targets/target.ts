import type { Static, TSchema } from 'typebox';
import type { DeliveryResult } from '../delivery-result.ts';
import type { HttpSender } from '../http-sender.ts';
import type { Notification } from '../notification.ts';

/**
 * Somewhere that alerts are told to. One call is one attempt: a target never loops, sleeps, counts or logs; the
 * pipeline does, for all of them.
 */
export interface Target {
  /** Its name in the configuration, in the delivery log and in metrics. */
  readonly name: string;
  /** Alerts below this severity are not told to it. */
  readonly severityMin: number;
  /** Are changes of an alert told too, or only that there is one? */
  readonly tellsUpdates: boolean;
  /** Never rejects: what goes wrong is the result, and so is the abort of `signal`. */
  deliver(notification: Notification, signal: AbortSignal): Promise<DeliveryResult>;
}

/** What a target is made with. */
export interface TargetTools {
  readonly http: HttpSender;
  /** UTC ms, for timestamps of attempts. */
  readonly now: () => number;
}

/** A kind of target: what its settings are and how one is made of them. */
export interface TargetKind<S extends TSchema> {
  readonly name: string;
  readonly summary: string;
  /** Of one target; the section of the configuration is an array of these. */
  readonly settings: S;
  /** @throws {AppError} CONFIG_INVALID, naming the target and what is wrong with it */
  create(settings: Static<S>, tools: TargetTools): Target;
}
