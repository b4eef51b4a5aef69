/** One server-sent event, or a comment. */
export interface Sse {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
  readonly comment: string | undefined;
}

export interface SseClient {
  readonly status: number;
  /** The next event that fits; fails after ten seconds. */
  next(fits: (event: Sse) => boolean): Promise<Sse>;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

const waitMsMax = 10_000;

/** Reads a stream of server-sent events as a browser would. */
export async function openSse(url: string, headers: Record<string, string>): Promise<SseClient> {
  const aborted = new AbortController();
  const response = await fetch(url, { headers, signal: aborted.signal });
  const received: Sse[] = [];
  let change = Promise.withResolvers<void>();
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString('utf8');
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      received.push(...frames.map(parseFrame));
      change.resolve();
      change = Promise.withResolvers();
    }
  };
  const ended = read().catch(() => {});
  return {
    status: response.status,
    ended,
    close: () => aborted.abort(),
    next: async (fits) => {
      const late = AbortSignal.timeout(waitMsMax);
      const timedOut = Promise.withResolvers<never>();
      timedOut.promise.catch(() => {});
      late.addEventListener('abort', () => timedOut.reject(new Error('no such event came')), { once: true });
      for (;;) {
        const index = received.findIndex(fits);
        const found = received.splice(0, index + 1).at(-1);
        if (found !== undefined) return found;
        await Promise.race([change.promise, timedOut.promise]);
      }
    },
  };
}

function parseFrame(frame: string): Sse {
  const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(frame)?.[1];
  return { id: field('id'), event: field('event'), data: field('data'), comment: field('') };
}
