import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import type { EventLog } from '#shared/log/log.ts';
import { silentLogger } from '#shared/logger.ts';
import { createDelays } from '../../../../services/collector/delays.ts';
import type { Delivery, Ingest, Taking } from '../../../../services/collector/delivery.ts';
import { localSender, type Sender } from '../../../../services/collector/sender.ts';
import { type SourceMinute, startSourceStatus } from '../../../../services/collector/source-status.ts';
import { type LogFolder, openLogFolder, readAll } from '../../../support/collector.ts';

let folder: LogFolder;
beforeEach(async () => {
  folder = await openLogFolder();
});
afterEach(() => folder.close());

const edge: Sender = { name: 'edge-1', shipper: 'edge-1', space: 'shop', maySpeakFor: () => true };
const delivery = (sender: Sender, format = 'native'): Delivery => ({
  sender,
  format,
  body: Buffer.alloc(10),
  decode: () => [],
});
const taken = (delaysMs: readonly number[], rejected = 0): Taking => {
  const delays = createDelays();
  for (const delayMs of delaysMs) delays.add(delayMs);
  return { kind: 'taken', accepted: delaysMs.length, rejected, faults: [], delays };
};
const answering = (takings: readonly Taking[]): Ingest => {
  const left = [...takings];
  return { take: async () => left.shift() ?? taken([]) };
};
const minuteAt = 1_795_405_200_000;
/** A clock that stands still; its waits end when they are cut short. */
const clockAt = (now: number) => ({ now: () => now, sleep: systemClock.sleep });
const start = (log: EventLog = folder.log, collector = 'one') =>
  startSourceStatus({ log, clock: clockAt(minuteAt + 1_500), logger: silentLogger, collector });
const rows = () => readAll<SourceMinute>(folder.log, 'sources');

test('what one source delivered in a minute is one record, with its delays', async () => {
  const status = start();
  const busy: Taking = { kind: 'busy', code: 'LOG_FULL', reason: 'full', retryAfterSeconds: 1 };
  const refused: Taking = { kind: 'refused', code: 'INPUT_INVALID', reason: 'no gzip' };
  const ingest = status.watch(answering([taken([100, 200, 300], 2), busy, refused, taken([-50])]));
  for (let n = 0; n < 4; n += 1) await ingest.take(delivery(edge));
  await status.stop();
  expect(await rows()).toEqual([
    {
      minute: minuteAt,
      space: 'shop',
      source: 'edge-1',
      format: 'native',
      collector: 'one',
      revision: 1,
      shipper: 'edge-1',
      last_seen: minuteAt + 1_500,
      accepted: 4,
      rejected: 2,
      bytes: 20,
      busy: 1,
      refused: 1,
      delay_least_ms: -50,
      delay_median_ms: 200,
    },
  ]);
});

test('an anonymous sender is known by its address, each format by itself, and who is turned away too', async () => {
  const status = start();
  const ingest = status.watch(answering([]));
  await ingest.take(delivery(localSender('127.0.0.1'), 'syslog'));
  await ingest.take(delivery(localSender('127.0.0.1'), 'native'));
  const told: string[] = [];
  const report = status.watchRefusals(({ who }) => told.push(who));
  report({ who: '10.0.0.9', format: 'splunk_hec', reason: 'no token' });
  await status.stop();
  const seen = (await rows()).map(({ source, format, refused }) => [source, format, refused]);
  expect(seen).toEqual([
    ['127.0.0.1', 'syslog', 0],
    ['127.0.0.1', 'native', 0],
    ['10.0.0.9', 'splunk_hec', 1],
  ]);
  expect(told).toEqual(['10.0.0.9']);
});

test('strangers without end are counted together and take no more room', async () => {
  const status = start();
  const report = status.watchRefusals(() => {});
  for (let n = 0; n < 3_000; n += 1)
    report({ who: `10.0.${n >> 8}.${n % 256}`, format: 'syslog', reason: '' });
  await status.stop();
  const all = await rows();
  expect(all).toHaveLength(1_001);
  expect(all.find(({ source }) => source === '(others)')?.refused).toBe(2_000);
});

test('a log that is away holds up no delivery, and hears of it later', async () => {
  let isAway = true;
  const away: EventLog = {
    ...folder.log,
    append: (topic, records) =>
      isAway ? Promise.reject(new AppError('LOG_UNAVAILABLE', 'away')) : folder.log.append(topic, records),
  };
  let wake = () => {};
  const clock = {
    now: () => minuteAt,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        signal?.addEventListener('abort', () => resolve());
      }),
  };
  const status = startSourceStatus({ log: away, clock, logger: silentLogger, collector: 'one' });
  const ingest = status.watch(answering([taken([1])]));
  expect(await ingest.take(delivery(edge))).toMatchObject({ kind: 'taken' });
  wake();
  await new Promise(setImmediate);
  isAway = false;
  await status.stop();
  expect(await rows()).toMatchObject([{ accepted: 1, revision: 2 }]);
});
