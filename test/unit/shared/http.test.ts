import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createAuthenticate, tokenDigest } from '#shared/auth/token.ts';
import { AppError, type ErrorCode } from '#shared/errors.ts';
import {
  createHttpServer,
  type HttpOptions,
  type HttpServer,
  isLoopback,
  listen,
  parseListen,
} from '#shared/http.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { makeCertificate } from '../../support/certificate.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const token = 'a-token-of-the-tests-0123456789abcdef';
const authenticate = createAuthenticate([{ name: 'm', roles: ['read'], sha256: tokenDigest(token) }]);
const create = (more: Partial<HttpOptions> = {}) => {
  const server = createHttpServer({
    logger: silentLogger,
    metrics: createMetrics(),
    listen: '127.0.0.1:0',
    hosts: ['amiss.example'],
    bodyBytesMax: 1024,
    isReady: async () => {},
    ...more,
  });
  servers.push(server);
  return server;
};
/** A request with headers that fetch would not let through. */
const status = (url: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

test.each([
  { text: '127.0.0.1:8470', host: '127.0.0.1', port: 8470 },
  { text: '[::1]:0', host: '::1', port: 0 },
  { text: ':80', host: '', port: 80 },
])('$text is host $host and port $port', ({ text, host, port }) => {
  expect(parseListen(text)).toEqual({ host, port });
});

test.each(['127.0.0.1', 'a:b', '1.2.3.4:70000', '::1:80x'])('%s is no address to listen on', (text) => {
  expect(() => parseListen(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

test.each([
  { host: '127.0.0.1', is: true },
  { host: '127.9.9.9', is: true },
  { host: '::ffff:127.0.0.1', is: true },
  { host: '::1', is: true },
  { host: 'localhost', is: true },
  { host: '0.0.0.0', is: false },
  { host: '127.0.0.1.evil.example', is: false },
  { host: '', is: false },
])('"$host" is loopback: $is', ({ host, is }) => {
  expect(isLoopback(host)).toBe(is);
});

describe('a page in a browser cannot reach it under a name of its own', () => {
  test.each([
    { headers: { host: 'localhost' }, expected: 200 },
    { headers: { host: 'amiss.example:8470' }, expected: 200 },
    { headers: { host: 'evil.example' }, expected: 403 },
    { headers: { host: 'localhost', origin: 'http://localhost' }, expected: 200 },
    { headers: { host: 'localhost', origin: 'http://evil.example' }, expected: 403 },
    { headers: { host: 'localhost', origin: 'null' }, expected: 403 },
  ])('$headers gives $expected', async ({ headers, expected }) => {
    const url = await listen(create(), '127.0.0.1:0');
    expect(await status(`${url}/livez`, headers)).toBe(expected);
  });
});

test('it is not ready when its service is not, and says why', async () => {
  const url = await listen(
    create({ isReady: () => Promise.reject(new Error('log is away')) }),
    '127.0.0.1:0',
  );
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ reason: 'log is away' });
});

describe('beyond loopback', () => {
  test('it does not listen without TLS', () => {
    expect(() => create({ listen: '0.0.0.0:0' })).toThrow(/0\.0\.0\.0:0.*tls_cert_file.*allow_plain/s);
    expect(() => create({ listen: '0.0.0.0:0', mayListenInPlain: true })).not.toThrow();
  });

  test('metrics take a token, from wherever', async () => {
    const server = create({ listen: '0.0.0.0:0', mayListenInPlain: true, authenticate });
    const { port } = new URL(await listen(server, '0.0.0.0:0'));
    const get = (headers: Record<string, string>) => status(`http://127.0.0.1:${port}/metrics`, headers);
    expect(await get({})).toBe(401);
    expect(await get({ authorization: `Bearer ${token}` })).toBe(200);
  });

  test('health takes a token from afar, and none from a probe beside it', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((candidate) => candidate?.family === 'IPv4' && !candidate.internal)?.address;
    const hosts = address === undefined ? [] : [address];
    const server = create({ listen: '0.0.0.0:0', hosts, mayListenInPlain: true, authenticate });
    const { port } = new URL(await listen(server, '0.0.0.0:0'));
    expect(await status(`http://127.0.0.1:${port}/livez`, {})).toBe(200);
    // A machine without a network has no afar to call from.
    const afar = address ?? '127.0.0.1';
    expect(await status(`http://${afar}:${port}/livez`, {})).toBe(address === undefined ? 200 : 401);
    expect(await status(`http://${afar}:${port}/livez`, { authorization: `Bearer ${token}` })).toBe(200);
  });

  test('without anybody to ask, metrics are for nobody', async () => {
    const server = create({ listen: '0.0.0.0:0', mayListenInPlain: true });
    const { port } = new URL(await listen(server, '0.0.0.0:0'));
    expect(await status(`http://127.0.0.1:${port}/metrics`, { authorization: `Bearer ${token}` })).toBe(401);
  });
});

test('with a certificate it speaks TLS, beyond loopback too, and to certified clients only where asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'amiss-tls-'));
  const { certFile, keyFile } = makeCertificate(folder);
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  const get = (url: string, client: object) =>
    new Promise<number | undefined>((resolve, reject) => {
      secureRequest(`${url}/livez`, { ca: cert, ...client }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  const open = await listen(create({ listen: '0.0.0.0:0', tls: { cert, key } }), '127.0.0.1:0');
  const closed = await listen(create({ tls: { cert, key, ca: cert } }), '127.0.0.1:0');
  expect(open).toMatch(/^https:/);
  expect(await get(open, {})).toBe(200);
  await expect(get(closed, {})).rejects.toThrow();
  expect(await get(closed, { cert, key })).toBe(200);
  rmSync(folder, { recursive: true });
});

describe('errors are problems', () => {
  test.each<{ code: ErrorCode; expected: number; detail: string; retry: boolean }>([
    { code: 'INPUT_INVALID', expected: 400, detail: 'why', retry: false },
    { code: 'CONFLICT', expected: 409, detail: 'why', retry: false },
    { code: 'LOG_FULL', expected: 429, detail: 'why', retry: true },
    { code: 'STORE_UNAVAILABLE', expected: 503, detail: 'why', retry: true },
    { code: 'STORE_QUERY', expected: 500, detail: 'something failed here; see the log', retry: false },
  ])('$code is $expected', async ({ code, expected, detail, retry }) => {
    const server = create();
    server.get('/fail', () => {
      throw new AppError(code, 'why');
    });
    const answer = await server.inject('/fail');
    expect(answer.statusCode).toBe(expected);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.headers['retry-after'] !== undefined).toBe(retry);
    expect(answer.json()).toMatchObject({
      type: `urn:amiss:problem:${code.toLowerCase()}`,
      status: expected,
      detail,
      instance: answer.headers['x-request-id'],
    });
  });

  test('a bug says nothing of itself', async () => {
    const server = create();
    server.get('/bug', () => {
      throw new TypeError('secret internals');
    });
    const answer = await server.inject('/bug');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
  });

  test('a path of nobody is not found', async () => {
    expect((await create().inject('/nowhere')).json()).toMatchObject({ type: 'urn:amiss:problem:not_found' });
  });

  test('a body beyond the limit is too large', async () => {
    const server = create();
    server.post('/take', async () => 'ok');
    const answer = await server.inject({ method: 'POST', url: '/take', payload: { a: 'x'.repeat(2000) } });
    expect(answer.json()).toMatchObject({ status: 413, type: 'urn:amiss:problem:input_too_large' });
  });
});
