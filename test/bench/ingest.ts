import { randomUUID } from 'node:crypto';
import { systemClock } from '#shared/clock.ts';
import type { EventLog } from '#shared/log/log.ts';
import { createPartitioner } from '#shared/log/partitioner.ts';
import { createMetrics } from '#shared/metrics.ts';
import { createFold } from '../../services/collector/fold.ts';
import { createMapRecord } from '../../services/collector/schemas/index.ts';
import { localSender } from '../../services/collector/sender.ts';
import { type StoreOptions, storeDelivery } from '../../services/collector/store-delivery.ts';
import { createReadWallTime } from '../../services/collector/wall-time.ts';
import { openLogFolder } from '../support/collector.ts';
import { type IngestBody, ingestBodies } from '../support/ingest-bodies.ts';
import { atLeast, type BenchRow, reportRows } from './report.ts';

// `npm run bench:ingest`: from the bytes of a body to records ready for the log, per format, beside the plainest way
// to read the same bytes in the same run. One core; processor time of the best of several rounds, taken in turn.
const records = 10_000;
const measuredRounds = 24;
const warmUpRounds = 4; // of every format before the first is measured, so that its first rounds are not its alone
const nativeShare = 0.5;
const otherShare = 1 / 3;
const acceptBar = 100_000;

const folder = await openLogFolder();
const rows: BenchRow[] = [];
const bodies = ingestBodies(records);
for (const body of bodies) await measure(body, noAppend(folder.log), warmUpRounds);
for (const body of bodies) rows.push(...(await measure(body, noAppend(folder.log), measuredRounds)));
rows.push(await measureAccept(folder.log));
await folder.close();
reportRows(rows, process.argv);

async function measure(body: IngestBody, log: EventLog, rounds: number): Promise<readonly BenchRow[]> {
  const options = storeOptions(log);
  const never = Number.POSITIVE_INFINITY;
  const best = { ours: never, decoding: never, plain: never };
  for (let round = 0; round < rounds; round += 1) {
    best.plain = Math.min(best.plain, await secondsOf(() => body.plain.read(body.body)));
    best.decoding = Math.min(best.decoding, await secondsOf(() => decodeAll(body)));
    best.ours = Math.min(best.ours, await secondsOf(() => deliver(body, options)));
  }
  const megabytes = body.body.length / 1e6;
  const share = best.plain / best.ours;
  const bar = body.name === 'native NDJSON' ? nativeShare : otherShare;
  const anchor = `${body.plain.name}: ${Math.round(records / best.plain).toLocaleString('en-US')} records/s`;
  return [
    { name: body.name, value: records / best.ours, unit: 'records/s', bar: null, met: null, anchor },
    { name: body.name, value: megabytes / best.ours, unit: 'MB/s', bar: null, met: null, anchor: null },
    {
      name: `${body.name} decoding alone`,
      value: records / best.decoding,
      unit: 'records/s',
      bar: null,
      met: null,
      anchor: null,
    },
    atLeast(`${body.name} share`, share, `of ${body.plain.name}`, bar),
  ];
}

/** The native format with the durable append to the embedded log: what one core accepts. */
async function measureAccept(log: EventLog): Promise<BenchRow> {
  const [body] = ingestBodies(records);
  if (body === undefined) throw new RangeError('there is no body');
  const options = storeOptions(log);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < measuredRounds; round += 1) {
    const started = performance.now();
    await Promise.all([deliver(body, options), deliver(body, options)]);
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return atLeast('native NDJSON with embedded append', (2 * records) / best, 'records/s', acceptBar);
}

function decodeAll({ format, body }: IngestBody): number {
  let count = 0;
  for (const outcome of format.decode(body)) count += outcome.kind === 'record' ? 1 : 0;
  return count;
}

async function deliver({ format, body }: IngestBody, options: StoreOptions): Promise<void> {
  const delivery = { sender: localSender('127.0.0.1'), format: format.name, body, decode: format.decode };
  const { accepted } = await storeDelivery(delivery, body, options);
  if (accepted !== records) throw new RangeError(`${format.name}: ${accepted} of ${records} were accepted`);
}

async function secondsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Everything but the append itself, which another benchmark measures. */
function noAppend(log: EventLog): EventLog {
  return { ...log, append: async () => {} };
}

function storeOptions(log: EventLog): StoreOptions {
  return {
    log,
    clock: systemClock,
    metrics: createMetrics(),
    partitionOf: createPartitioner(4),
    randomUuid: randomUUID,
    mapRecord: createMapRecord(),
    readWallTime: createReadWallTime('UTC'),
    hasOwnSchemas: false,
    fold: createFold({ windowMs: 30_000, callsMax: 100_000 }),
    digest: (value) => value.slice(0, 32),
    hashResources: false,
    batchRecordsMax: records,
    clockAheadMsMax: 1e12,
  };
}
