import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { partitionOf } from '#shared/log/partition.ts';
import {
  type LogFolder,
  openLogFolder,
  partitions,
  type RunningCollector,
  readAll,
  startTestCollector,
} from '../../../support/collector.ts';

let folder: LogFolder;
let collector: RunningCollector;

beforeAll(async () => {
  folder = await openLogFolder();
  collector = await startTestCollector(folder, { body_bytes_max: 100_000, unpacked_bytes_max: 200_000 });
});
afterAll(async () => {
  await collector.stop();
  await folder.close();
});

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, query = '') =>
  fetch(`${collector.address}/v1/ingest${query}`, { method: 'POST', body, headers });
const event = (source: string) => JSON.stringify({ source, destination: 'orders', time: 1795405200 });
const sourcesWith = async (prefix: string) =>
  (await collector.events())
    .map(({ source }) => source)
    .filter((source) => source.startsWith(prefix))
    .sort();

describe('POST /v1/ingest', () => {
  test('takes NDJSON and says how many records it accepted', async () => {
    const response = await post(`${event('lines-1')}\n${event('lines-2')}\n`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 2, rejected: 0, errors: [] });
    expect(await sourcesWith('lines-')).toEqual(['lines-1', 'lines-2']);
  });

  test('takes an array, and objects without a separator, whatever the content type says', async () => {
    await post(`[${event('array-1')},${event('array-2')}]`, { 'content-type': 'text/plain' });
    await post(event('joined-1') + event('joined-2'), {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(await sourcesWith('array-')).toEqual(['array-1', 'array-2']);
    expect(await sourcesWith('joined-')).toEqual(['joined-1', 'joined-2']);
  });

  test.each(['', 'json', 'application/json;', 'a/b/c'])('takes what calls itself "%s"', async (type) => {
    const source = `type-${type.length}`;
    const response = await post(event(source), { 'content-type': type });
    expect(response.status).toBe(200);
    expect(await sourcesWith(source)).toEqual([source]);
  });

  test.each(['/v1/ingest', '/v1/logs', '/v1/traces', '/v1/metrics', '/services/collector/raw'])(
    'answers who asks by HEAD and OPTIONS for %s',
    async (path) => {
      for (const method of ['HEAD', 'OPTIONS']) {
        expect((await fetch(`${collector.address}${path}`, { method })).status).toBe(200);
      }
    },
  );

  test('unpacks gzip and zstd', async () => {
    await post(Uint8Array.from(gzipSync(event('gzip-1'))), { 'content-encoding': 'gzip' });
    await post(Uint8Array.from(zstdCompressSync(event('zstd-1'))), { 'content-encoding': 'zstd' });
    expect(await sourcesWith('gzip-')).toEqual(['gzip-1']);
    expect(await sourcesWith('zstd-')).toEqual(['zstd-1']);
  });

  test('keeps a bad record among the rejects with its reason and takes the rest', async () => {
    const bad = '{"source":"rest-2","destination":"orders","outcome":"fine"}';
    const response = await post([event('rest-1'), bad, event('rest-3')].join('\n'));
    const answer = (await response.json()) as { errors: readonly { index: number; reason: string }[] };
    expect(answer).toMatchObject({ accepted: 2, rejected: 1 });
    expect(answer.errors[0]).toMatchObject({ index: 1, reason: expect.stringContaining('outcome: "fine"') });
    const rejects = (await collector.rejects()).filter(({ sample }) => sample.includes('rest-2'));
    expect(rejects).toMatchObject([{ format: 'native', source: '127.0.0.1', space: 'default' }]);
    expect(rejects[0]?.reason).toContain('success, denied, error, timeout, unknown');
  });

  test('refuses a body that is too large, packed or unpacked, with 413', async () => {
    expect((await post('x'.repeat(100_001))).status).toBe(413);
    const bomb = Uint8Array.from(gzipSync(Buffer.alloc(10_000_000, 32)));
    expect((await post(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  test('refuses what it cannot unpack with 400 and keeps its beginning among the rejects', async () => {
    const response = await post('not packed at all', { 'content-encoding': 'gzip' });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const rejects = (await collector.rejects()).filter(({ sample }) => sample.startsWith('not packed'));
    expect(rejects).toHaveLength(1);
  });

  test('gives a repeated batch with an Idempotency-Key the same ids', async () => {
    const body = `${event('again-1')}\n${event('again-2')}`;
    await post(body, { 'idempotency-key': 'batch-7' });
    await post(body, { 'idempotency-key': 'batch-7' });
    const kept = (await collector.events()).filter(({ source }) => source.startsWith('again-'));
    expect(kept).toHaveLength(4);
    expect(new Set(kept.map(({ id }) => id)).size).toBe(2);
  });

  test('appends an event whose destination lies in another partition to the arrivals of that partition', async () => {
    await post(event('arriving-a') + event('arriving-b') + event('arriving-c') + event('arriving-d'));
    const there = partitionOf('orders', partitions);
    const expected = ['a', 'b', 'c', 'd']
      .map((letter) => `arriving-${letter}`)
      .filter((source) => partitionOf(source, partitions) !== there);
    const batches = await readAll<readonly AmissEvent[]>(collector.log, 'arrivals');
    const arrived = batches
      .flat()
      .map(({ source }) => source)
      .filter((source) => source.startsWith('arriving-'));
    expect(expected.length).toBeGreaterThan(0);
    expect(arrived.sort()).toEqual(expected);
  });

  test('answers the health checks of shippers', async () => {
    for (const method of ['HEAD', 'OPTIONS']) {
      expect((await fetch(`${collector.address}/v1/ingest`, { method })).status).toBe(200);
    }
  });
});
