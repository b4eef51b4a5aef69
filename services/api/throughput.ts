import type { Clock } from '#shared/clock.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { EventLog } from '#shared/log/log.ts';
import type { TopicName } from '#shared/log/topics.ts';

const sampleEveryMs = 5_000;
const samplesMax = 13; // a minute, with both ends

export interface Throughput {
  /** Records appended to each topic a second, over the last minute at the most; empty before the second look. */
  rates(): Readonly<Record<string, number>>;
  readonly stop: Stop;
}

interface Sample {
  readonly at: number;
  readonly next: Readonly<Record<string, number>>;
}

/** Looks at the log's ends from time to time. A log that does not answer leaves a gap, and is reported elsewhere. */
export function watchThroughput(log: EventLog, clock: Clock, topics: readonly TopicName[]): Throughput {
  const ended = new AbortController();
  const samples: Sample[] = [];
  const look = async () => {
    const ends = await Promise.all(
      topics.map(async (topic) => {
        const parts = await log.offsets(topic);
        return [topic, parts.reduce((sum, { next }) => sum + next, 0)] as const;
      }),
    );
    samples.push({ at: clock.now(), next: Object.fromEntries(ends) });
    if (samples.length > samplesMax) samples.shift();
  };
  const run = async () => {
    while (!ended.signal.aborted) {
      await look().catch(() => {});
      await clock.sleep(sampleEveryMs, ended.signal).catch(() => {});
    }
  };
  const done = run();
  return {
    rates: () => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (first === undefined || last === undefined || last.at <= first.at) return {};
      const seconds = (last.at - first.at) / 1000;
      return Object.fromEntries(
        Object.entries(last.next).map(([topic, next]) => [
          topic,
          (next - (first.next[topic] ?? next)) / seconds,
        ]),
      );
    },
    stop: async () => {
      ended.abort();
      await done;
    },
  };
}
