import type { Decision } from '#shared/decision.ts';
import type { PlannedChange } from '#shared/planned-change.ts';
import type { NativeEvent } from '../../../../services/simulator/call.ts';
import { type Alteration, dayMs } from './network-run.ts';

/** The label of events that a release changed or caused. */
export const rolloutLabel = 10_000;

const version = '99.0.0';
const slower = 1.6;
const larger = { answers: 1.4, requests: 1.3 } as const;
const newPeer = 'flags';
/** One call in four asks a service that the release knows and the one before did not. */
const asksEvery = 4;
/** How long operators say that things may be unusual. */
const announcedMs = dayMs;

/**
 * A release on some services: from then on they answer more slowly and at greater length, send more, and call a peer
 * that they never called before.
 *
 * @param at when, UTC ms
 */
export function rollout(agents: ReadonlySet<string>, at: number): Alteration {
  let asked = 0;
  return (event) => {
    const isCaller = agents.has(event.source);
    const isCalled = agents.has(event.destination);
    if (event.time < at || (!isCaller && !isCalled)) return [{ event, label: 0 }];
    const changed: NativeEvent = {
      ...event,
      ...(isCaller && { source_version: version, bytes_out: scaled(event.bytes_out, larger.requests) }),
      ...(isCalled && {
        duration_ms: (event.duration_ms ?? 0) * slower,
        bytes_in: scaled(event.bytes_in, larger.answers),
      }),
    };
    const own = [{ event: changed, label: rolloutLabel }];
    if (isCaller) asked += 1;
    if (!isCaller || asked % asksEvery !== 0) return own;
    return [...own, { event: { ...changed, ...question }, label: rolloutLabel }];
  };
}

/** What such a release would touch, left as it is: what is told of these services anyway. */
export function untouched(agents: ReadonlySet<string>, at: number): Alteration {
  return (event) => {
    const isConcerned = agents.has(event.source) || agents.has(event.destination);
    return [{ event, label: isConcerned && event.time >= at ? rolloutLabel : 0 }];
  };
}

const question = {
  destination: newPeer,
  destination_kind: 'service',
  destination_zone: 'app',
  destination_address: '10.2.200.1',
  destination_port: 443,
  protocol: 'http',
  action: 'GET /flags',
  outcome: 'success',
  status: '200',
  bytes_out: 300,
  bytes_in: 900,
  duration_ms: 5,
} as const;

const scaled = (bytes: number | undefined, factor: number) => Math.round((bytes ?? 0) * factor);

/** The release as its team would announce it: one planned change for each of its services. */
export function announcementOf(agents: ReadonlySet<string>, at: number): readonly Decision[] {
  return [...agents].map((agent) => {
    const key = `planned_change/release-${agent}`;
    const body: PlannedChange = { agent, from: at, to: at + announcedMs, mode: 'relearn' };
    const { space, by, reason } = { space: 'default', by: 'release', reason: 'release 99' };
    return { id: key, key, kind: 'planned_change', time: at, space, by, reason, body };
  });
}
