import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { startNotifier } from '../../services/notifier/main.ts';
import { openNotifierLog, testSecret, testSettings } from './notifier.ts';

// The notifier as a process of its own, for tests that kill it: `node notifier-process.ts LOG_FOLDER RECEIVER_URL`.
const [folder = '', url = ''] = process.argv.slice(2);
const log = await openNotifierLog(folder, systemClock);
const stop = await startNotifier(
  {
    log,
    clock: systemClock,
    logger: createLogger('error', 'notifier'),
    metrics: createMetrics(),
    fail: (error) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  },
  { ...testSettings, webhooks: [{ name: 'soc', url, secret: testSecret }] },
);
process.once('SIGTERM', async () => {
  await stop();
  await log.close();
  process.exit(0);
});
