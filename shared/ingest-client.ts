import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Clock } from './clock.ts';
import { AppError, messageOf } from './errors.ts';

const compress = promisify(gzip);

export interface IngestClientOptions {
  /** Base address of a collector: `http://127.0.0.1:8470`. */
  readonly url: string;
  /** Bearer token; loopback needs none. */
  readonly token?: string;
  readonly clock: Clock;
  /** Gives up on a batch after this long without an answer that takes it. */
  readonly patienceMs?: number;
  /** Ends the pause between two tries: the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What the collector said of the records of one call. */
export interface IngestAnswer {
  readonly accepted: number;
  readonly rejected: number;
}

// Between two tries of a batch when the collector does not say itself (Retry-After).
const pauseMs = 1_000;
// A collector that is restarted, or whose log is full for a while, is waited for.
const patienceMsDefault = 120_000;
const requestMsMax = 60_000;

/**
 * Sends NDJSON to a collector's `POST /v1/ingest` and repeats what was not taken (429, 503, no answer), so that
 * nothing is lost on the way. Records without an `id` may arrive twice when an answer is lost, unless the batch has a
 * `key` (`Idempotency-Key`), the same for each try.
 *
 * @returns a function that sends one batch of lines and resolves when it is durable there
 * @throws {AppError} INPUT_INVALID or UNAUTHORIZED when the collector refuses, LOG_UNAVAILABLE when patience ends
 */
export function ingestClient(
  options: IngestClientOptions,
): (ndjson: string, key?: string) => Promise<IngestAnswer> {
  const target = new URL('/v1/ingest', options.url);
  const patienceMs = options.patienceMs ?? patienceMsDefault;
  const headers = {
    'content-type': 'application/x-ndjson',
    'content-encoding': 'gzip',
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };
  return async (ndjson, key) => {
    const body = await compress(ndjson, { level: 1 });
    const keyed = key === undefined ? headers : { ...headers, 'idempotency-key': key };
    const deadline = options.clock.now() + patienceMs;
    for (;;) {
      const attempt = await tryOnce(target, keyed, body);
      if (attempt.kind === 'taken') return attempt.answer;
      if (attempt.kind === 'refused') throw attempt.error;
      if (options.clock.now() > deadline) {
        throw new AppError(
          'LOG_UNAVAILABLE',
          `${target} did not take a batch for ${patienceMs} ms: ${attempt.reason}`,
        );
      }
      await options.clock.sleep(attempt.pauseMs, options.signal);
    }
  };
}

type Attempt =
  | { readonly kind: 'taken'; readonly answer: IngestAnswer }
  | { readonly kind: 'refused'; readonly error: AppError }
  | { readonly kind: 'later'; readonly reason: string; readonly pauseMs: number };

async function tryOnce(target: URL, headers: Record<string, string>, body: Buffer): Promise<Attempt> {
  let response: Response;
  try {
    const signal = AbortSignal.timeout(requestMsMax);
    response = await fetch(target, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    return { kind: 'later', reason: reasonOf(error), pauseMs };
  }
  const text = await response.text();
  if (response.ok) return { kind: 'taken', answer: JSON.parse(text) as IngestAnswer };
  const reason = `${response.status} ${text.slice(0, 300)}`;
  if (response.status === 429 || response.status >= 500) {
    const retryAfter = Number(response.headers.get('retry-after'));
    return { kind: 'later', reason, pauseMs: retryAfter > 0 ? retryAfter * 1_000 : pauseMs };
  }
  const isIdentity = response.status === 401 || response.status === 403;
  return {
    kind: 'refused',
    error: new AppError(isIdentity ? 'UNAUTHORIZED' : 'INPUT_INVALID', `${target} said ${reason}`),
  };
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause;
  return cause === undefined ? messageOf(error) : messageOf(cause);
}
