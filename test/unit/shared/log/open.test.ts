import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../shared/clock.ts';
import { openLog } from '../../../../shared/log/open.ts';
import { logSettings } from '../../../../shared/log/settings.ts';
import { topicNames } from '../../../../shared/log/topics.ts';
import { silentLogger } from '../../../../shared/logger.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amiss-open-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('the default log is embedded, in the data folder, with every topic under its plain name', async () => {
  const log = await openLog(Create(logSettings), folder, systemClock, silentLogger);
  for (const topic of topicNames) expect((await log.offsets(topic)).length).toBeGreaterThan(0);
  await log.append('events', [{ key: 'agent', value: '{}' }]);
  await log.close();
  const again = await openLog(
    { ...Create(logSettings), prefix: 'other.' },
    folder,
    systemClock,
    silentLogger,
  );
  expect(await again.offsets('events')).toEqual([{ partition: 0, first: 0, next: 0 }]);
  await again.close();
});

test('a log on kafka without brokers is refused by the name of the setting', async () => {
  const opening = openLog({ ...Create(logSettings), kind: 'kafka' }, folder, systemClock, silentLogger);
  await expect(opening).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('log.brokers'),
  });
});
