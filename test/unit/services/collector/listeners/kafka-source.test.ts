import { Packr } from 'msgpackr';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { createDelays } from '../../../../../services/collector/delays.ts';
import type { Ingest, Taking } from '../../../../../services/collector/delivery.ts';
import { startKafkaSource } from '../../../../../services/collector/listeners/kafka-source.ts';
import { localSender } from '../../../../../services/collector/sender.ts';
import { type LogFolder, openLogFolder } from '../../../../support/collector.ts';
import { waitUntil } from '../../../../support/wait-until.ts';

// The seam is the log's own: what reads an embedded log reads Kafka.
let foreign: LogFolder;
beforeEach(async () => {
  foreign = await openLogFolder();
  const one = { partitions: 1, retentionMs: 0, retentionBytes: 0, isCompacted: false };
  await foreign.log.ensureTopics([{ name: 'calls', ...one }]);
});
afterEach(() => foreign.close());

interface Seen {
  readonly id: string | undefined;
  readonly record: unknown;
}

/** Takes everything, except while `isBusy` says that it is full. */
function collecting(seen: Seen[], isBusy: () => boolean): Ingest {
  return {
    take: async ({ decode, body }): Promise<Taking> => {
      if (isBusy()) return { kind: 'busy', code: 'LOG_FULL', reason: 'full', retryAfterSeconds: 1 };
      const outcomes = [...decode(body)];
      for (const outcome of outcomes) {
        if (outcome.kind === 'record') seen.push({ id: outcome.hint?.id, record: outcome.record });
        if (outcome.kind === 'reject') seen.push({ id: undefined, record: outcome.reason });
      }
      return { kind: 'taken', accepted: outcomes.length, rejected: 0, faults: [], delays: createDelays() };
    },
  };
}

function start(ingest: Ingest): Promise<Stop> {
  return startKafkaSource({
    log: foreign.log,
    topics: [{ topic: 'calls', kind: 'json', schema: '' }],
    group: 'test',
    ingest,
    clock: systemClock,
    senderOf: (topic) => localSender(topic),
    onError: (error) => {
      throw error;
    },
  });
}

const append = (...values: (string | Buffer)[]) =>
  foreign.log.append(
    'calls',
    values.map((value) => ({ key: null, value })),
  );

test('each record gets an id of topic, partition, offset and place, and a damaged message is a reject alone', async () => {
  await append('{"a":1}', '{"b":2}\n{"c":3}', new Packr().pack({ no: 'json' }), '{"d":4}');
  const seen: Seen[] = [];
  const stop = await start(collecting(seen, () => false));
  await waitUntil('five records', () => seen.length >= 5);
  await stop();
  expect(seen.map(({ id }) => id)).toEqual([
    'calls/0/0/0',
    'calls/0/1/0',
    'calls/0/1/1',
    undefined,
    'calls/0/3/0',
  ]);
  expect(seen[3]?.record).toContain('(offset 2)');
});

test('what was passed on is not read again by the next start, and what was not is', async () => {
  await append('{"a":1}');
  const first: Seen[] = [];
  const stopFirst = await start(collecting(first, () => false));
  await waitUntil('the first record', () => first.length === 1);
  await stopFirst();
  await append('{"b":2}');
  const stopBusy = await start(collecting([], () => true));
  await stopBusy();
  const second: Seen[] = [];
  const stopSecond = await start(collecting(second, () => false));
  await waitUntil('the second record', () => second.length >= 1);
  await stopSecond();
  expect(second.map(({ record }) => record)).toEqual([{ b: 2 }]);
});
