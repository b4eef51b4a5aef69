import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { Lifecycle } from '#shared/lifecycle.ts';
import { openLogFolder, type RunningCollector, startTestCollector } from '../../support/collector.ts';

const lifecycle = new Lifecycle();
let collector: RunningCollector;

beforeAll(async () => {
  const folder = await openLogFolder();
  lifecycle.defer(folder.close);
  collector = await startTestCollector(folder);
  lifecycle.defer(collector.stop);
});
afterAll(() => lifecycle.stop());

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/schemas/${name}`, import.meta.url), 'utf8');

async function post(body: string): Promise<{ status: number; accepted: number; rejected: number }> {
  const response = await fetch(`${collector.address}/v1/ingest`, { method: 'POST', body });
  return { status: response.status, ...((await response.json()) as { accepted: number; rejected: number }) };
}

/** The events that a body adds to the log. */
async function eventsOf(body: string): Promise<readonly AmissEvent[]> {
  const before = new Set((await collector.events()).map(({ id }) => id));
  const { status } = await post(body);
  expect(status).toBe(200);
  return (await collector.events()).filter(({ id }) => !before.has(id));
}

describe('POST /v1/ingest takes, unasked', () => {
  test.each([
    ['a2a.in.jsonl', 7, 1],
    ['ecs.in.jsonl', 5, 1],
    ['envoy-json.in.jsonl', 7, 1],
    ['envoy-text.in.log', 4, 1],
    ['hubble.in.jsonl', 9, 0],
    ['kubernetes-audit.in.jsonl', 7, 2],
    ['mcp.in.jsonl', 9, 1],
    ['ocsf.in.jsonl', 7, 1],
    ['vpc-flow-default.in.log', 4, 0],
    ['zeek-json.in.jsonl', 6, 0],
    ['zeek-tsv.in.log', 5, 0],
  ])('%s', async (name, records, rejected) => {
    expect(await post(fixture(name))).toMatchObject({ status: 200, accepted: records - rejected, rejected });
  });
});

test('both sidecars of one call make one event', async () => {
  const both = fixture('envoy-json.in.jsonl').split('\n', 2).join('\n').replaceAll('6b0c2f5e', '7c1d3a60');
  expect(await eventsOf(both)).toMatchObject([
    {
      source: 'shop/web',
      destination: 'shop/orders',
      mtls: true,
      duration_ms: 14,
      attributes: { also_observed_by: 'shop/orders' },
    },
  ]);
});

test('both sidecars of one call make one event though they report apart', async () => {
  const [outbound = '', inbound = ''] = fixture('envoy-json.in.jsonl')
    .replaceAll('6b0c2f5e', '8d2e4b71')
    .split('\n');
  expect(await eventsOf(outbound)).toHaveLength(1);
  expect(await eventsOf(inbound)).toHaveLength(0);
});

test("Zeek's lines of one connection make an event for each request", async () => {
  const body = fixture('zeek-json.in.jsonl').replaceAll('CrrmEk3w1nkwG5kYs5', 'CfreshUid');
  const events = (await eventsOf(body)).filter(({ session }) => session === 'CfreshUid');
  expect(events.map(({ action, bytes_out, bytes_in }) => [action, bytes_out, bytes_in])).toEqual([
    ['GET /items/{id}', 0, 5120],
    ['POST /login', 700, 780],
  ]);
});

test('a repeated batch of records that have ids is stored under the same ids', async () => {
  const body = fixture('kubernetes-audit.in.jsonl').split('\n')[1] ?? '';
  const idsOf = async () =>
    (await collector.events())
      .filter(({ action }) => action === 'patch deployments/scale')
      .map(({ id }) => id);
  await post(body);
  await post(body);
  const ids = await idsOf();
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(1);
});

test("a sidecar's line in a shipper's wrapper keeps the workload that the wrapper names", async () => {
  const line = { ...JSON.parse(fixture('envoy-json.in.jsonl').split('\n')[3] ?? ''), kubernetes: undefined };
  const wrapped = {
    '@timestamp': '2026-11-02T10:00:02.100Z',
    log: JSON.stringify(line),
    kubernetes: { namespace_name: 'shop', pod_name: 'web-7d9f8b6c5d-x2x4z' },
  };
  expect(await eventsOf(JSON.stringify(wrapped))).toMatchObject([
    { source: 'shop/web', destination: 'shop/report', outcome: 'timeout', observer: 'shop/web' },
  ]);
});
