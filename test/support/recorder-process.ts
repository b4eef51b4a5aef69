import { join } from 'node:path';
import { Create } from 'typebox/value';
import { systemClock } from '#shared/clock.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import { startRecorder } from '../../services/recorder/main.ts';
import { recorderSettings } from '../../services/recorder/settings.ts';

// A recorder in a process of its own, on the log and the store of a folder, to be killed by a test.
const folder = process.argv[2] ?? '';
const log = await openEmbeddedLog({ path: join(folder, 'log'), clock: systemClock });
const store = await openStore(Create(storeSettings) as never, folder, systemClock, silentLogger);
const fail = (error: unknown) => {
  process.stderr.write(`${error}\n`);
  process.exit(1);
};
const context = { log, clock: systemClock, logger: silentLogger, metrics: createMetrics(), fail };
const settings = { ...Create(recorderSettings), linger_ms: 10, batch_rows_max: 3_000 };
const stop = await startRecorder(context, settings as never, store);
process.once('SIGTERM', async () => {
  await stop();
  await store.close();
  await log.close();
  process.exit(0);
});
process.stdout.write('ready\n');
