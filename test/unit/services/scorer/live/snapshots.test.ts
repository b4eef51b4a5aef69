import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { createSnapshotKeeper } from '../../../../../services/scorer/live/snapshots.ts';

let log: EventLog;
const part = { topic: 'snapshots', partition: 1 };

beforeAll(async () => {
  const path = mkdtempSync(join(tmpdir(), 'amiss-snapshots-'));
  log = await openEmbeddedLog({ path, clock: systemClock });
  const kept = { retentionMs: 0, retentionBytes: 0, isCompacted: true };
  await log.ensureTopics([{ name: 'snapshots', partitions: 2, ...kept }]);
});
afterAll(() => log.close());

/** Dies when a save is about to become the one in force. */
const dyingLog = (): EventLog => ({
  ...log,
  append: (topic, records) =>
    records[0]?.key?.endsWith('manifest') ? Promise.reject(new Error('killed')) : log.append(topic, records),
});

test('there is none before the first', async () => {
  expect(await createSnapshotKeeper(log, part, 'nobody').load()).toBeUndefined();
});

test('the newest one comes back whole, many chunks or few', async () => {
  const keeper = createSnapshotKeeper(log, part, 'scorer');
  const large = { state: randomBytes(1_300_000), offsets: { events: 7, arrivals: 3 } };
  await keeper.save(large);
  expect(await createSnapshotKeeper(log, part, 'scorer').load()).toEqual(large);
  const small = { state: Buffer.from('small'), offsets: { events: 9, arrivals: 3 } };
  await keeper.save(small);
  expect(await createSnapshotKeeper(log, part, 'scorer').load()).toEqual(small);
});

test('a save that was cut off leaves the one before in force', async () => {
  const keeper = createSnapshotKeeper(log, part, 'cut');
  const whole = { state: randomBytes(900_000), offsets: { events: 1 } };
  await keeper.save(whole);
  const successor = createSnapshotKeeper(dyingLog(), part, 'cut');
  await successor.load();
  await expect(successor.save({ state: randomBytes(900_000), offsets: { events: 2 } })).rejects.toThrow(
    'killed',
  );
  expect(await createSnapshotKeeper(log, part, 'cut').load()).toEqual(whole);
});

test('one who has lost the partition and saves all the same leaves a whole one in force', async () => {
  const frozen = createSnapshotKeeper(dyingLog(), part, 'shared');
  const before = { state: randomBytes(900_000), offsets: { events: 1 } };
  await createSnapshotKeeper(log, part, 'shared').save(before);
  await frozen.load();
  const successor = createSnapshotKeeper(log, part, 'shared');
  await successor.load();
  await successor.save({ state: randomBytes(900_000), offsets: { events: 2 } });
  const late = { state: randomBytes(900_000), offsets: { events: 1 } };
  await expect(frozen.save(late)).rejects.toThrow('killed'); // over the chunks of the successor's
  expect(await createSnapshotKeeper(log, part, 'shared').load()).toEqual(before);
});

test('damage is told, not taken for a state', async () => {
  const keeper = createSnapshotKeeper(log, part, 'damaged');
  await keeper.save({ state: randomBytes(1_000), offsets: {} });
  await log.append('snapshots', [{ key: 'damaged/0/0', value: 'not the state', partition: 1 }]);
  await expect(createSnapshotKeeper(log, part, 'damaged').load()).rejects.toThrow(/snapshots\/1 is damaged/);
});
