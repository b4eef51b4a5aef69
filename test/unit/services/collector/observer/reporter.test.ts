import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { silentLogger } from '#shared/logger.ts';
import { type Reporter, startReporter } from '../../../../../services/collector/observer/reporter.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A collector that answers with the given codes in turn, and with 200 afterwards. */
async function receiver(...codes: readonly number[]) {
  const bodies: string[] = [];
  const waiting = [...codes];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const code = waiting.shift() ?? 200;
    if (code === 200) bodies.push(body);
    response.writeHead(code).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/ingest`, bodies };
}

function reporterTo(ingest: string): Reporter {
  const reporter = startReporter({ ingest, clock: systemClock, logger: silentLogger });
  stops.push(reporter.stop);
  return reporter;
}

test('what was added is sent before the end', async () => {
  const { url, bodies } = await receiver();
  const reporter = reporterTo(url);
  reporter.add({ n: 1 });
  reporter.add({ n: 2 });
  await reporter.stop();
  expect(bodies.join('\n').split('\n')).toEqual(['{"n":1}', '{"n":2}']);
});

test('a collector under pressure gets the same records again', async () => {
  const { url, bodies } = await receiver(503, 429);
  const reporter = reporterTo(url);
  reporter.add({ n: 1 });
  await expect.poll(() => bodies, { timeout: 10_000 }).toEqual(['{"n":1}']);
  expect(reporter.dropped()).toBe(0);
});

test('what the collector refuses is given up and counted', async () => {
  const { url, bodies } = await receiver(401);
  const reporter = reporterTo(url);
  reporter.add({ n: 1 });
  await expect.poll(() => reporter.dropped(), { timeout: 10_000 }).toBe(1);
  reporter.add({ n: 2 });
  await expect.poll(() => bodies, { timeout: 10_000 }).toEqual(['{"n":2}']);
});

test('no more records wait than allowed, and the rest is counted', async () => {
  const reporter = reporterTo('http://127.0.0.1:9/v1/ingest');
  for (let n = 0; n < 10_500; n += 1) reporter.add({ n });
  expect(reporter.dropped()).toBe(500);
});
