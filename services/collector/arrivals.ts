import type { AppendRecord } from '#shared/log/log.ts';

// One record holds many events, up to this many characters: a broker's record limit (1 MiB by default) holds them in
// any alphabet.
const recordCharactersMax = 256 * 1024;
/**
 * And up to this much event time, so that one request with a month of history does not become a record that a reader
 * who keeps the order of events must come back to for a month.
 */
const recordSpanMs = 60_000;

/** The events of one delivery whose destination lies in another partition than their source. */
export interface Arrivals {
  /** @param time when it happened, UTC ms; @param value the event as JSON */
  readonly add: (partition: number, time: number, value: string) => void;
  /** Records of `arrivals`: each a JSON array of events of one partition, in the order of their times. */
  readonly records: () => readonly AppendRecord[];
}

interface Lane {
  readonly times: number[];
  readonly values: string[];
  isRising: boolean;
}

/** Starts without any. */
export function createArrivals(): Arrivals {
  const lanes = new Map<number, Lane>();
  return {
    add: (partition, time, value) => {
      const lane = lanes.get(partition);
      if (lane === undefined) {
        lanes.set(partition, { times: [time], values: [value], isRising: true });
        return;
      }
      if (time < (lane.times.at(-1) ?? time)) lane.isRising = false;
      lane.times.push(time);
      lane.values.push(value);
    },
    records: () =>
      [...lanes].flatMap(([partition, lane]) => recordsOf(partition, lane.isRising ? lane : inOrder(lane))),
  };
}

function inOrder({ times, values }: Lane): Lane {
  const order = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  return {
    times: order.map((i) => times[i] ?? 0),
    values: order.map((i) => values[i] ?? ''),
    isRising: true,
  };
}

function recordsOf(partition: number, { times, values }: Lane): readonly AppendRecord[] {
  const records: AppendRecord[] = [];
  let from = 0;
  let characters = 0;
  const close = (end: number) => {
    records.push({ key: null, value: `[${values.slice(from, end).join(',')}]`, partition });
    from = end;
    characters = 0;
  };
  for (const [index, { length }] of values.entries()) {
    const span = (times[index] ?? 0) - (times[from] ?? 0);
    if (index > from && (characters + length > recordCharactersMax || span > recordSpanMs)) close(index);
    characters += length;
  }
  close(values.length);
  return records;
}
