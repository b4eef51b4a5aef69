import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApi, startTestApi } from '../../../support/api.ts';

let api: RunningApi;
let document: {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        responses: Record<string, { content?: object }>;
        summary?: string;
        parameters?: { name: string; in: string }[];
      }
    >
  >;
};

beforeAll(async () => {
  api = await startTestApi();
  document = (await api.get('/openapi.json')).body;
});
afterAll(() => api.stop());

test('the description is valid OpenAPI 3.1', async () => {
  const result = await new Validator().validate(structuredClone(document) as never);
  expect(result.errors ?? []).toEqual([]);
  expect(document.openapi).toBe('3.1.0');
});

test('it holds every route, with a summary', () => {
  expect(Object.keys(document.paths).sort()).toEqual(
    [
      'agents',
      'agents/{id}',
      'agents/{id}/privilege',
      'alerts',
      'alerts/stream',
      'alerts/{id}',
      'alerts/{id}/accept-version',
      'alerts/{id}/explanation',
      'assessment',
      'containments',
      'containments/{alert}',
      'decisions',
      'deliveries',
      'events',
      'grants',
      'policies/{space}',
      'policies/{space}/exports/{form}',
      'policies/{space}/learned',
      'policies/{space}/what-if',
      'registry',
      'registry/imports/{kind}',
      'registry/{agent}',
      'rejects',
      'sources',
      'status',
      'versions',
      'versions/{agent}/accept',
    ].map((path) => `/api/v1/${path}`),
  );
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) expect(operation.summary).toMatch(/\w/);
  }
});

test('it names the parameters that are checked', () => {
  const parameters = document.paths['/api/v1/alerts']?.['get']?.parameters ?? [];
  expect(parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'status',
      'agent',
      'detector',
      'severity_min',
      'from',
      'to',
      'q',
      'cursor',
      'limit',
    ]),
  );
});

test('it says how every route fails', () => {
  for (const operations of Object.values(document.paths)) {
    for (const { responses } of Object.values(operations)) {
      expect(Object.keys(responses['4XX']?.content ?? {})).toEqual(['application/problem+json']);
    }
  }
});
