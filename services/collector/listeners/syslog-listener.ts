import type { Socket } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import type { Delivery, Ingest } from '../delivery.ts';
import type { RandomUuid } from '../event-id.ts';
import { syslog } from '../formats/syslog.ts';
import { takePatiently } from '../patient-ingest.ts';
import type { Sender } from '../sender.ts';
import { parseSyslog } from '../syslog-message.ts';
import type { StreamHandler } from './stream-listener.ts';
import { createSyslogFrames } from './syslog-frames.ts';

export interface SyslogOptions {
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly randomUuid: RandomUuid;
  /** Who has connected; `undefined` turns it away. */
  readonly identify: (socket: Socket, format: string) => Sender | undefined;
  /** Aborted when the listener stops: what waits for room is given up then. */
  readonly signal: AbortSignal;
}

/**
 * Syslog over TCP or TLS. The protocol has no acknowledgement: while the log is full the socket is not read, and the
 * sender's own queue fills. What was sent and not yet stored when either side dies is lost; only other dialects can
 * know.
 */
export function acceptSyslog(options: SyslogOptions): (socket: Socket) => StreamHandler | undefined {
  return (socket) => {
    const sender = options.identify(socket, syslog.name);
    if (sender === undefined) return undefined;
    const frames = createSyslogFrames();
    const deliver = async (messages: readonly Buffer[], bytes: Buffer) => {
      if (messages.length === 0) return;
      const delivery: Delivery = {
        sender,
        format: syslog.name,
        body: bytes,
        decode: (_bytes, readPlain) => messages.map((message) => parseSyslog(message, readPlain)),
        retry: { key: options.randomUuid() }, // the same ids while we try
      };
      await takePatiently(options.ingest, delivery, { ...options, patienceMs: Number.POSITIVE_INFINITY });
    };
    return {
      onBytes: (bytes) => deliver(frames.push(bytes), bytes),
      onPause: () => {
        const rest = frames.flush();
        return deliver(rest, Buffer.concat(rest));
      },
    };
  };
}
