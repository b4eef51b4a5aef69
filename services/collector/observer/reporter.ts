import type { Clock } from '#shared/clock.ts';
import { messageOf } from '#shared/errors.ts';
import type { Logger } from '#shared/logger.ts';

/** Records that wait to be sent; beyond it the oldest are dropped and counted, for the traffic must not wait. */
const pendingMax = 10_000;
const batchMax = 500;
const sendMsMax = 10_000;
const pauseMsMax = 30_000;
const gatherMs = 200;

export interface ReporterOptions {
  /** Where to send: the collector's `/v1/ingest`. */
  readonly ingest: string;
  /** Token of the shipper; none on loopback. */
  readonly token?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Sends records to the collector in the background. */
export interface Reporter {
  /** Never waits. */
  readonly add: (record: unknown) => void;
  /** Records that were given up because too many waited, or because the collector will never take them. */
  readonly dropped: () => number;
  /** Sends what waits, each batch once more at the most, and ends. */
  readonly stop: () => Promise<void>;
}

/** Starts to send. A batch is repeated, with pauses that grow, until the collector has it: ids make that harmless. */
export function startReporter(options: ReporterOptions): Reporter {
  const { clock, logger } = options;
  const pending: unknown[] = [];
  const ending = new AbortController();
  let dropped = 0;
  let wake: (() => void) | undefined;

  const send = async (batch: readonly unknown[]): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      const result = await post(batch, options);
      if (result.ok) return;
      if (!result.retry || (ending.signal.aborted && attempt > 0)) {
        dropped += batch.length;
        logger.error({ records: batch.length, reason: result.reason }, 'records given up');
        return;
      }
      if (attempt === 0)
        logger.warn({ reason: result.reason }, 'the collector does not take records; trying on');
      const pauseMs = Math.min(pauseMsMax, 250 * 2 ** attempt);
      await clock.sleep(pauseMs, ending.signal).catch(() => undefined); // the end cuts the pause short
    }
  };

  const loop = (async () => {
    while (!ending.signal.aborted || pending.length > 0) {
      if (pending.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        await clock.sleep(gatherMs, ending.signal).catch(() => undefined);
      }
      const batch = pending.splice(0, batchMax);
      if (batch.length > 0) await send(batch);
    }
  })();

  return {
    add: (record) => {
      pending.push(record);
      if (pending.length > pendingMax) {
        pending.shift();
        dropped += 1;
        if (dropped === 1) logger.error('too many records wait; the oldest are dropped');
      }
      wake?.();
    },
    dropped: () => dropped,
    stop: async () => {
      ending.abort();
      wake?.();
      await loop;
    },
  };
}

type Sent = { readonly ok: true } | { readonly ok: false; readonly retry: boolean; readonly reason: string };

async function post(batch: readonly unknown[], { ingest, token }: ReporterOptions): Promise<Sent> {
  try {
    const response = await fetch(ingest, {
      method: 'POST',
      redirect: 'error',
      body: batch.map((record) => JSON.stringify(record)).join('\n'),
      headers: {
        'content-type': 'application/x-ndjson',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(sendMsMax),
    });
    await response.arrayBuffer();
    if (response.ok) return { ok: true };
    const retry = response.status === 408 || response.status === 429 || response.status >= 500;
    return { ok: false, retry, reason: `HTTP ${response.status}` };
  } catch (error) {
    return { ok: false, retry: true, reason: messageOf(error) };
  }
}
