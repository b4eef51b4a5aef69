import { createHash } from 'node:crypto';
import type { Alert } from '#shared/alert.ts';
import type { Delivery } from '#shared/delivery.ts';

const notificationTypes = ['anomaly.alert.created', 'anomaly.alert.updated'] as const;
export type NotificationType = (typeof notificationTypes)[number];

/** What a target is asked to tell. */
export interface Notification {
  /** The same for every attempt, also after a restart: receivers drop repeats by it. */
  readonly id: string;
  readonly type: NotificationType;
  /** Cut down to `notificationBytesMax` where the alert holds more. */
  readonly alert: Alert;
}

/** Bytes of an alert's JSON in a message: the specification asks for bodies below 20 kB, envelope included. */
export const notificationBytesMax = 19_000;

/**
 * The id of the message that tells one target of one revision: derived, so that it is the same whenever and
 * wherever it is made again. Holds no dot, which the signed content uses to part its fields.
 */
export function messageId(target: string, alert: Pick<Alert, 'space' | 'id' | 'revision'>): string {
  const what = JSON.stringify([target, alert.space, alert.id, alert.revision]);
  return `msg_${createHash('sha256').update(what).digest('base64url').slice(0, 32)}`;
}

/**
 * The alert with as much of its lists as fits in a message. What is left out is last in its list, so the least
 * important, and the whole alert can be read from the API by its id.
 */
export function fitAlert(alert: Alert): Alert {
  for (const keep of steps) {
    const fitted = keep(alert);
    if (Buffer.byteLength(JSON.stringify(fitted)) <= notificationBytesMax) return fitted;
  }
  return leastOf(alert);
}

const steps: readonly ((alert: Alert) => Alert)[] = [
  (alert) => alert,
  (alert) => shorten(alert, 16, 8),
  (alert) => shorten(alert, 4, 4),
  (alert) => shorten(alert, 2, 1),
];

function shorten({ reckoning: _, ...alert }: Alert, listMax: number, evidenceMax: number): Alert {
  return {
    ...alert,
    peers: alert.peers.slice(0, listMax),
    events: alert.events.slice(0, listMax),
    detectors: alert.detectors.slice(0, listMax),
    techniques: alert.techniques.slice(0, listMax),
    evidence: alert.evidence.slice(0, evidenceMax),
  };
}

// A character takes six bytes of JSON at the most (\u0000): seven such texts stay within the limit.
const textCharactersMax = 400;

/** Names of whatever length, cut; no evidence: the sentence says it. */
function leastOf(alert: Alert): Alert {
  const cut = (text: string) => text.slice(0, textCharactersMax);
  return {
    ...shorten(alert, 1, 0),
    agent: cut(alert.agent),
    peers: alert.peers.slice(0, 1).map(cut),
    cause: cut(alert.cause),
    title: cut(alert.title),
    sentence: cut(alert.sentence),
    detectors: alert.detectors.slice(0, 1).map(cut),
    events: [],
    techniques: [],
  };
}

/** The notification of a record of the delivery log that is still to be told. */
export function notificationOf({ id, type, notification }: Delivery): Notification {
  if (notification === undefined) throw new RangeError(`message ${id} holds nothing to tell`);
  const isCreation = type === notificationTypes[0];
  return { id, type: notificationTypes[isCreation ? 0 : 1], alert: JSON.parse(notification) as Alert };
}
