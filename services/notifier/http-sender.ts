import { Agent } from 'undici';
import { messageOf } from '#shared/errors.ts';
import { isLoopback } from '#shared/http.ts';
import { type AddressGuard, addressRefusedCode } from './address-guard.ts';
import type { DeliveryResult } from './delivery-result.ts';

/** One post to a receiver. */
interface HttpMessage {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts to receivers: one attempt a call, without redirects, only to addresses that the guard lets pass. */
export interface HttpSender {
  /** Never rejects. 2xx is success; 410 is the one status after which another attempt is of no use. */
  post(message: HttpMessage, signal: AbortSignal): Promise<DeliveryResult>;
  /** Why this host may not be called; `undefined` where it may, as far as its name tells. */
  refusalOf(host: string): string | undefined;
  /** Ends the connections; calls under way fail. */
  close(): Promise<void>;
}

export interface HttpSenderOptions {
  readonly guard: AddressGuard;
  /** UTC ms, to read dates of `Retry-After`. */
  readonly now: () => number;
  /** Connections to one receiver at the same time. */
  readonly connectionsMax: number;
  /** PEM certificates to trust instead of the system's; `undefined` for the system's. */
  readonly ca: string | undefined;
}

// A receiver says all it has to say in its status; more of a body than this closes the connection.
const answerBytesMax = 16_384;
const connectMsMax = 10_000;
const retryAfterMsMax = 24 * 3_600_000; // the longest step of the specification's own schedule

/** Connects to receivers with undici, which follows no redirect unless it is told to. */
export function createHttpSender(options: HttpSenderOptions): HttpSender {
  const agent = new Agent({
    connections: options.connectionsMax,
    pipelining: 1,
    connect: {
      lookup: options.guard.lookup,
      timeout: connectMsMax,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    },
  });
  return {
    refusalOf: options.guard.refusalOf,
    post: async ({ url, headers, body }, signal) => {
      const refusal = options.guard.refusalOf(url.hostname);
      if (refusal !== undefined) return { ok: false, retry: true, reason: `address not allowed: ${refusal}` };
      try {
        const answer = await agent.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'POST',
          headers: { 'user-agent': 'Amiss', ...headers },
          body,
          signal,
        });
        // The status has decided; whether the rest of the answer arrives changes nothing.
        await answer.body.dump({ limit: answerBytesMax, signal }).catch(() => undefined);
        return resultOf(answer.statusCode, retryAfterMs(answer.headers['retry-after'], options.now()));
      } catch (error) {
        return { ok: false, retry: true, reason: reasonOf(error, signal) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** Is the host of a URL this machine? Brackets of an IPv6 address do not count. */
export function isLoopbackHost(host: string): boolean {
  return isLoopback(host.replace(/^\[|\]$/g, ''));
}

function resultOf(status: number, retryAfter: number | undefined): DeliveryResult {
  if (status >= 200 && status < 300) return { ok: true, status };
  const wait = retryAfter === undefined ? {} : { retryAfterMs: retryAfter };
  if (status === 410) return { ok: false, retry: false, reason: 'http 410: the receiver is gone', status };
  const reason = status < 400 ? `http ${status}: redirects are not followed` : `http ${status}`;
  return { ok: false, retry: true, reason, status, ...wait };
}

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @returns milliseconds from `now`, between 0 and a day; `undefined` where there is none or it says nothing
 * @source RFC 9110, section 10.2.3
 */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const isDate = /^[A-Za-z]{3}/.test(text); // Date.parse alone would read a year out of any number
  const waitMs = isDate
    ? Date.parse(text) - now
    : /^\s*\d+\s*$/.test(text)
      ? Number(text) * 1000
      : Number.NaN;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), retryAfterMsMax);
}

/** The same words for the same fault, whatever port or address it happened on. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return isTimeout(signal.reason) ? 'timed out' : 'aborted';
  const { code } = error as { readonly code?: unknown };
  if (code === addressRefusedCode) return `address not allowed: ${messageOf(error)}`;
  return typeof code === 'string' ? `no answer: ${code}` : `no answer: ${messageOf(error)}`;
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
