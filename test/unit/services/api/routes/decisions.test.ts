import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Decision } from '#shared/decision.ts';
import { adminToken, type RunningApi, startTestApi } from '../../../../support/api.ts';
import { ndjson } from '../../../../support/store-events.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.stop();
  expect(api.failures).toEqual([]);
});

const post = async (body: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(`${api.url}/api/v1/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as never as Decision };
};
const appended = async (key: string) => {
  const records = await api.log.read({ topic: 'decisions', partition: 0 }, 0, 1000);
  return records.filter((record) => record.key === key).map((record) => JSON.parse(record.value.toString()));
};

test('a decision is in the log, under its key and with its author, when it is answered', async () => {
  const wanted = { key: 'alert/a1', reason: 'known job', body: { verdict: 'benign' } };
  const { status, body } = await post(wanted);
  expect(status).toBe(202);
  expect(body).toMatchObject({ ...wanted, kind: 'alert', by: 'root', space: 'default' });
  expect(await appended('alert/a1')).toEqual([body]);
});

test('a repeat with the same Idempotency-Key changes nothing, at the same time or later', async () => {
  const wanted = { key: 'agent/b', reason: '', body: { owner: 'x' } };
  const send = () => post(wanted, { 'idempotency-key': 'once' });
  const answers = [...(await Promise.all([send(), send()])), await send()];
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(await appended('agent/b')).toHaveLength(1);
});

test('a repeat is known from the store after a restart', async () => {
  const { body } = await post({ key: 'agent/c', body: 1 }, { 'idempotency-key': 'k-of-c' });
  await api.store.insert({ table: 'decisions', rows: ndjson([body]), token: 'restart' });
  await api.stop();
  api = await startTestApi();
  await api.store.insert({ table: 'decisions', rows: ndjson([body]), token: 'restart' });
  const again = await post({ key: 'agent/c', body: 1 }, { 'idempotency-key': 'k-of-c' });
  expect(again).toEqual({ status: 202, body });
  expect(await appended('agent/c')).toEqual([]);
});

test('another decision under a used Idempotency-Key is refused', async () => {
  await post({ key: 'agent/d', body: 1 }, { 'idempotency-key': 'used' });
  expect((await post({ key: 'agent/d', body: 2 }, { 'idempotency-key': 'used' })).status).toBe(409);
  expect(await appended('agent/d')).toHaveLength(1);
});

test.each([
  { what: 'no key', body: { body: 1 }, culprit: 'key' },
  { what: 'a key without a kind', body: { key: 'a1', body: 1 }, culprit: 'key' },
  { what: 'no body', body: { key: 'alert/a' }, culprit: 'body' },
  { what: 'a field of nobody', body: { key: 'alert/a', body: 1, by: 'ceo' }, culprit: 'by' },
  {
    what: 'a silence without an end',
    body: { key: 'silence/s', body: { agent: 'a', from: 1 } },
    culprit: 'until',
  },
  { what: 'no JSON', body: '{', culprit: 'JSON' },
])('$what is refused, naming $culprit', async ({ body, culprit }) => {
  const answer = await post(body);
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain(culprit);
});

test('a body beyond the limit is refused', async () => {
  expect((await post({ key: 'alert/a', body: 'x'.repeat(70_000) })).status).toBe(413);
});

test('decisions are listed by key and kind', async () => {
  const decision = (id: string, key: string) => {
    return { id, key, kind: key.split('/')[0], time: 7, space: 'listed', by: 'me', reason: '', body: { id } };
  };
  const all = [decision('1', 'alert/x'), decision('2', 'alert/y'), decision('3', 'agent/x')];
  await api.store.insert({ table: 'decisions', rows: ndjson(all), token: 'listed' });
  const find = async (filter: string) => {
    const { body } = await api.get(`/decisions?space=listed&${filter}`);
    return (body as { items: readonly Decision[] }).items;
  };
  expect(await find('kind=alert')).toEqual([all[1], all[0]]);
  expect(await find('key=agent/x')).toEqual([all[2]]);
});
