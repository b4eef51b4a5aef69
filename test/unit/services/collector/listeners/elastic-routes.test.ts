import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type LogFolder,
  openLogFolder,
  type RunningCollector,
  startTestCollector,
} from '../../../../support/collector.ts';

let folder: LogFolder;
let collector: RunningCollector;

beforeAll(async () => {
  folder = await openLogFolder();
  collector = await startTestCollector(folder);
});
afterAll(async () => {
  await collector.stop();
  await folder.close();
});

const ask = (method: string, path: string, body?: object) =>
  fetch(`${collector.address}/elastic${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/vnd.elasticsearch+json; compatible-with=9' },
  });
const eventOf = (source: string) => ({ time: 1795405200123, source, destination: 'orders' });
const countOf = async (source: string) =>
  (await collector.events()).filter((event) => event.source === source).length;

describe('a client of Elasticsearch', () => {
  test.each([
    ['POST', '/logs/_doc'],
    ['POST', '/logs/_doc/1'],
    ['PUT', '/logs/_doc/2'],
    ['PUT', '/logs/_create/3'],
    ['POST', '/logs/_create/4'],
  ])('sends one document with %s %s', async (method, path) => {
    const source = `${method} ${path}`;
    const response = await ask(method, path, eventOf(source));
    expect(response.status).toBe(201);
    expect(response.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(await response.json()).toMatchObject({ _index: 'logs', result: 'created' });
    expect(await countOf(source)).toBe(1);
  });

  test('sends two equal documents, and both count', async () => {
    await ask('POST', '/logs/_doc', eventOf('twice'));
    await ask('POST', '/logs/_doc', eventOf('twice'));
    const events = (await collector.events()).filter(({ source }) => source === 'twice');
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  });

  test.each(['/_bulk', '/logs/_bulk', '/logs/doc/_bulk', '/_bulk/?pretty'])('writes to %s', async (path) => {
    const response = await fetch(`${collector.address}/elastic${path}`, {
      method: 'POST',
      body: `{"index":{}}\n${JSON.stringify(eventOf(`bulk ${path}`))}\n`,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ errors: false, items: [{ index: { status: 201 } }] });
    expect(await countOf(`bulk ${path}`)).toBe(1);
  });

  test.each([
    ['HEAD', '/logs'],
    ['PUT', '/logs'],
    ['GET', '/_cat/indices'],
    ['GET', '/_cluster/settings'],
    ['GET', '/_alias/logs'],
    ['PUT', '/logs/_mapping'],
    ['HEAD', '/_bulk'],
    ['OPTIONS', '/_bulk'],
  ])('is answered when it asks %s %s', async (method, path) => {
    expect((await ask(method, path)).status).toBe(200);
  });

  test('hears in its own words that there is no search', async () => {
    const response = await ask('POST', '/logs/_search', {});
    expect(response.status).toBe(404);
    expect(response.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({
      status: 404,
      error: { type: 'resource_not_found_exception' },
    });
  });
});
