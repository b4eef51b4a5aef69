import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ShipperScene, startShipperScene } from '../support/shipper-scene.ts';

/** A request as a client's source makes it; the body is compressed when it is sent, as the header says. */
interface GoldenRequest {
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What the client must be answered: the status, and text that it looks for. */
  readonly status: number;
  readonly answer: string;
  /** Sources of the events that must arrive. */
  readonly sources: readonly string[];
}

const folder = new URL('../fixtures/requests/', import.meta.url);
const requests = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as GoldenRequest,
);

let scene: ShipperScene;
beforeAll(async () => {
  scene = await startShipperScene();
});
afterAll(() => scene.stop());

test.each(requests)(
  '$client is understood',
  async ({ method, path, headers, body, status, answer, sources }) => {
    const response = await fetch(scene.collector.address + path, {
      method,
      headers,
      body: await encoded(body, headers['content-encoding']),
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(answer);
    const [prefix = ''] = sources[0]?.match(/^.*?(?=-\d+$|$)/) ?? [];
    const events = await scene.arrived(prefix, sources.length);
    expect(events.map(({ source }) => source).sort()).toEqual(sources);
    expect(new Set(events.map(({ time }) => time))).toEqual(new Set([1795405200123]));
  },
);

test('a request that is sent again because its answer was lost adds no event that is kept', async () => {
  const golden = requests.filter(({ path }) => !path.startsWith('/v1/ingest'));
  expect(golden.length).toBeGreaterThan(0);
  for (const { path, headers, body, sources } of golden) {
    await fetch(scene.collector.address + path, {
      method: 'POST',
      headers,
      body: await encoded(body, headers['content-encoding']),
    });
    const events = (await scene.collector.events()).filter(({ source }) => sources.includes(source));
    expect(new Set(events.map(({ id }) => id)).size).toBe(sources.length);
  }
});

async function encoded(body: string, encoding: string | undefined): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === 'gzip') return Uint8Array.from(await promisify(gzip)(body));
  if (encoding === 'zstd') return Uint8Array.from(await promisify(zstdCompress)(body));
  return Uint8Array.from(Buffer.from(body));
}
