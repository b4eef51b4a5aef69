import { setTimeout as pause } from 'node:timers/promises';

/** Sends numbered events, each batch until it is acknowledged, whatever happens to the receiver meanwhile. */
export interface AcknowledgedLoad {
  /** Ends after the batch under way; resolves with the number of events acknowledged, `first` included. */
  finish(): Promise<number>;
  acknowledged(): number;
}

export interface LoadOptions {
  /** Asked for every try: the address may change when a process is started again. */
  readonly post: (body: string) => Promise<{ readonly ok: boolean }>;
  readonly perBatch: number;
  /** Event time of event 0, UTC ms. */
  readonly start: number;
  /** Number of the first event, where an earlier load ended; 0 otherwise. */
  readonly first?: number;
}

const retryMs = 100;
const agents = 20;
const eventEveryMs = 500; // of event time, so that a run of seconds covers hours
// One event in so many is a call that nobody has made before: something to tell.
const strangeEvery = 2_000;

/** Starts the load; each event has an id of its own, so that a repeat can be known. */
export function startAcknowledgedLoad(options: LoadOptions): AcknowledgedLoad {
  let acknowledged = options.first ?? 0;
  let isFinishing = false;
  const run = async () => {
    while (!isFinishing) {
      const lines = Array.from({ length: options.perBatch }, (_, i) =>
        eventLine(acknowledged + i, options.start),
      );
      const body = `${lines.join('\n')}\n`;
      while (
        !(await options.post(body).then(
          ({ ok }) => ok,
          () => false,
        ))
      )
        await pause(retryMs);
      acknowledged += options.perBatch;
    }
    return acknowledged;
  };
  const running = run();
  return {
    acknowledged: () => acknowledged,
    finish: () => {
      isFinishing = true;
      return running;
    },
  };
}

function eventLine(n: number, start: number): string {
  const isStrange = n % strangeEvery === strangeEvery - 1;
  const source = isStrange ? `stranger-${n}` : `agent-${n % agents}`;
  const destination = isStrange ? 'agent-0' : `agent-${(n + 1) % agents}`;
  return JSON.stringify({
    id: `event-${n}`,
    time: start + n * eventEveryMs,
    source,
    destination,
    action: 'GET /',
  });
}
