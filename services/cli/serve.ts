import type { Command } from 'commander';
import { systemClock } from '#shared/clock.ts';
import type { Logger } from '#shared/logger.ts';
import { type ServiceName, type System, serviceNames, startSystem } from '../system.ts';
import { loggerOf, settingsOf } from './options.ts';
import { version } from './version.ts';

// A drain that takes longer is cut off: what was not finished is repeated by the next start.
const stopMsMax = 9_000;

const summaries: Record<ServiceName, string> = {
  collector: 'take logs in and append them to the event log',
  scorer: 'keep baselines, find signals, and make alerts of them',
  recorder: 'write what is in the event log to the store',
  api: 'serve analysts',
  notifier: 'push alerts to webhooks',
};

/** `amiss up` and one command for each service that can run alone. */
export function addServeCommands(program: Command): void {
  program
    .command('up')
    .description('run every service in this one process')
    .action((_options: unknown, command: Command) => serve(command, serviceNames));
  for (const name of serviceNames) {
    program
      .command(name)
      .description(`run the ${name} alone: ${summaries[name]}`)
      .action((_options: unknown, command: Command) => serve(command, [name]));
  }
}

async function serve(command: Command, names: readonly ServiceName[]): Promise<void> {
  const settings = settingsOf(command);
  const logger = loggerOf(settings, names.length === 1 ? (names[0] ?? 'amiss') : 'amiss');
  let failed: (error: unknown) => void = () => {};
  const failure = new Promise<unknown>((resolve) => {
    failed = resolve;
  });
  const system = await startSystem(settings, { names, version, clock: systemClock, logger, fail: failed });
  if (names.length > 1) greet(system);
  const error = await Promise.race([nextStopSignal(), failure]);
  if (error !== undefined) logger.fatal({ err: error }, 'cannot go on');
  await stopInTime(system, logger);
  process.exit(error === undefined ? 0 : 1);
}

function nextStopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(undefined));
  });
}

async function stopInTime(system: System, logger: Logger): Promise<void> {
  const timer = setTimeout(() => {
    logger.error({ stopMsMax }, 'did not stop in time; the next start repeats what was not finished');
    process.exit(1);
  }, stopMsMax);
  try {
    await system.stop();
  } catch (error) {
    logger.error({ err: error }, 'did not stop cleanly');
  }
  clearTimeout(timer);
}

function greet({ address, adminToken }: System): void {
  const example = JSON.stringify({
    time: new Date().toISOString(),
    source: 'web',
    destination: 'orders',
    action: 'GET /orders',
  });
  const lines = [
    '',
    '  Amiss is watching.',
    '',
    `  Send logs to   ${address}/v1/ingest`,
    `  API            ${address}/api/v1  (described in ${address}/api/v1/openapi.json)`,
    ...(adminToken === undefined
      ? []
      : [`  Admin token    ${adminToken.value}`, `                 kept in ${adminToken.path}`]),
    '',
    `  Try: curl ${address}/v1/ingest -d '${example}'`,
    '',
    '',
  ];
  process.stdout.write(lines.join('\n'));
}
