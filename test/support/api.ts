import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Create } from 'typebox/value';
import { createAuthenticate, tokenDigest } from '#shared/auth/token.ts';
import { systemClock } from '#shared/clock.ts';
import type { ServiceContext } from '#shared/context.ts';
import { createHttpServer, type HttpServer, listen } from '#shared/http.ts';
import { openEmbeddedLog } from '#shared/log/embedded.ts';
import type { EventLog } from '#shared/log/log.ts';
import { topicSpecs } from '#shared/log/topics.ts';
import { silentLogger } from '#shared/logger.ts';
import { createMetrics } from '#shared/metrics.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import type { Store } from '#shared/store/store.ts';
import { registerApi } from '../../services/api/main.ts';
import { type ApiSettings, apiSettings } from '../../services/api/settings.ts';

export const adminToken = 'the-admin-token-of-the-tests-0123456789';
export const readToken = 'the-reader-token-of-the-tests-0123456789';
export const ingestToken = 'the-shipper-token-of-the-tests-012345678';

export interface RunningApi {
  readonly url: string;
  readonly server: HttpServer;
  readonly store: Store;
  readonly log: EventLog;
  readonly failures: readonly unknown[];
  /** GETs a path below /api/v1 and parses the answer. */
  get(
    path: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; headers: Headers; body: never }>;
  /** Sends JSON, as the administrator unless another token is given, and parses the answer. */
  send(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; body: never }>;
  stop(): Promise<void>;
}

/** The API over a real embedded log and chDB, on a free port of loopback. One for each process. */
export async function startTestApi(
  more: Partial<ApiSettings> = {},
  ofStore: Record<string, unknown> = {},
): Promise<RunningApi> {
  const folder = mkdtempSync(join(tmpdir(), 'amiss-api-'));
  const store = await openStore(
    { ...Create(storeSettings), ...ofStore } as never,
    folder,
    systemClock,
    silentLogger,
  );
  const log = await openEmbeddedLog({ path: join(folder, 'log'), clock: systemClock });
  await log.ensureTopics(topicSpecs({ partitions: 2, retentionMs: 0, retentionBytes: 0 }));
  const failures: unknown[] = [];
  const fail = (error: unknown) => void failures.push(error);
  const metrics = createMetrics();
  const context: ServiceContext = { log, clock: systemClock, logger: silentLogger, metrics, fail };
  const authenticate = createAuthenticate([
    { name: 'root', roles: ['admin'], sha256: tokenDigest(adminToken) },
    { name: 'reader', roles: ['read'], sha256: tokenDigest(readToken) },
    { name: 'shipper', roles: ['ingest'], sha256: tokenDigest(ingestToken) },
  ]);
  const server = createHttpServer({
    logger: silentLogger,
    metrics,
    listen: '127.0.0.1:0',
    hosts: [],
    bodyBytesMax: 2 ** 20,
    isReady: () => store.ping(),
    authenticate,
  });
  const settings: ApiSettings = { ...(Create(apiSettings) as ApiSettings), ...more };
  const readers = [{ service: 'recorder', group: 'recorder', topics: ['events', 'alerts'] as const }];
  const stopApi = await registerApi(server, {
    context,
    settings,
    store,
    authenticate,
    readers,
    version: '0.0.0',
  });
  const url = await listen(server, '127.0.0.1:0');
  return {
    url,
    server,
    store,
    log,
    failures,
    get: async (path, headers = {}) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${readToken}`, ...headers },
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? null : JSON.parse(text)) as never,
      };
    },
    send: async (method, path, body, token = adminToken) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as never };
    },
    stop: async () => {
      await server.close();
      await stopApi();
      await log.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
