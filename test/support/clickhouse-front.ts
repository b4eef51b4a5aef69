import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { createChdbConnection } from 'chdb/connection';
import type { CertificateFiles } from './certificate.ts';

// The HTTP interface of ClickHouse over the engine itself (chDB), as far as @clickhouse/client uses it: a server for
// tests where no server can be installed. In a process of its own, because a process may open one data folder.

export interface FrontFaults {
  /** Wait before each answer. */
  readonly slowMs?: number;
  /** Requests whose connection is cut before anything is done. */
  readonly dropBefore?: number;
  /** Requests that are carried out and whose connection is cut instead of an answer. */
  readonly dropAfter?: number;
  /** Inserts refused with this code of ClickHouse, until faults are set anew. */
  readonly insertCode?: number;
}

export interface Front {
  readonly url: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  setFaults(faults: FrontFaults): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const username = 'amiss';
const password = 'a front of its own';
const startMsMax = 60_000;

/** Starts a front in its own process on a folder; port 0 takes a free one. With certificate and key it speaks TLS. */
export async function startFront(folder: string, port = 0, tls?: CertificateFiles): Promise<Front> {
  const files = tls === undefined ? [] : [tls.certFile, tls.keyFile];
  const child = spawn(process.execPath, [import.meta.filename, folder, String(port), ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const bound = await portOf(child);
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    port: bound,
    username,
    password,
    setFaults: async (faults) => {
      await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify(faults) });
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('the front has no output');
  const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(startMsMax) });
  return Number(String(line).trim());
}

async function serve(folder: string, port: number, tls: CertificateFiles | undefined): Promise<void> {
  const engine = createChdbConnection({ path: folder });
  let faults: FrontFaults = {};
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response).catch((error: Error) => {
      response.destroy(error);
    });
  };
  const server =
    tls === undefined
      ? createServer(onRequest)
      : createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, onRequest);
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://front');
    const body = await bodyOf(request);
    if (url.pathname === '/faults') {
      faults = JSON.parse(body.toString());
      response.end('ok');
      return;
    }
    if (takeOne('dropBefore')) return void request.socket.destroy();
    if (faults.slowMs !== undefined) await sleep(faults.slowMs);
    const result = await resultOf(engine, request, url, body, faults);
    if (takeOne('dropAfter')) return void request.socket.destroy();
    send(request, response, url, result);
  };
  const takeOne = (name: 'dropBefore' | 'dropAfter') => {
    const left = faults[name] ?? 0;
    if (left > 0) faults = { ...faults, [name]: left - 1 };
    return left > 0;
  };
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    void engine.close().then(() => process.exit(0));
  });
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : address}\n`);
  });
}

interface Result {
  readonly status: number;
  readonly code?: number;
  readonly body: Uint8Array;
}

async function resultOf(
  engine: ReturnType<typeof createChdbConnection>,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  faults: FrontFaults,
): Promise<Result> {
  if (url.pathname === '/ping') return { status: 200, body: Buffer.from('Ok.\n') };
  if (!isKnown(request)) return refusal(516, 'amiss: Authentication failed');
  const database = url.searchParams.get('database') ?? 'default';
  const query = url.searchParams.get('query');
  const settings = settingsOf(url);
  try {
    if (query === null || request.method === 'GET') {
      const before = [`USE ${database}`, ...assignments(settings), ...assignments(parametersOf(url))];
      const answer = await engine.chdb.queryAsync(`${before.join('; ')}; ${query ?? body.toString()}`);
      return { status: 200, body: answer.bytes() };
    }
    if (faults.insertCode !== undefined) return refusal(faults.insertCode, 'refused on request of the test');
    const table = /^INSERT INTO (\w+) FORMAT JSONEachRow$/.exec(query)?.[1];
    if (table === undefined) return refusal(62, `the front does not know ${query}`);
    if (body.length > 0) {
      await engine.chdb.rawInsert({
        table: `${database}.${table}`,
        values: body,
        format: 'JSONEachRow',
        settings,
      });
    }
    return { status: 200, body: Buffer.alloc(0) };
  } catch (error) {
    const message = (error as Error).message;
    return refusal(Number(/Code: (\d+)/.exec(message)?.[1] ?? 1002), message);
  }
}

function refusal(code: number, message: string): Result {
  const text = message.startsWith('Code:') ? message : `Code: ${code}. DB::Exception: ${message} (TEST)`;
  return { status: code === 516 ? 403 : 500, code, body: Buffer.from(`${text}\n`) };
}

function isKnown({ headers }: IncomingMessage): boolean {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  if (headers.authorization === expected) return true;
  return headers['x-clickhouse-user'] === username && headers['x-clickhouse-key'] === password; // over TLS
}

// What belongs to the transport and not to the engine.
const transportNames =
  /^(query|database|query_id|session_id|role|param_.*|enable_http_compression|wait_end_of_query|default_format|.*http.*)$/;

function settingsOf(url: URL): Record<string, string> {
  return Object.fromEntries([...url.searchParams].filter(([name]) => !transportNames.test(name)));
}

function parametersOf(url: URL): Record<string, string> {
  return Object.fromEntries([...url.searchParams].filter(([name]) => name.startsWith('param_')));
}

function assignments(values: Record<string, string>): readonly string[] {
  return Object.entries(values).map(
    ([name, value]) => `SET ${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (body.length === 0) return body;
  switch (request.headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(body);
    case 'zstd':
      return zstdDecompressSync(body);
    default:
      return body;
  }
}

function send(request: IncomingMessage, response: ServerResponse, url: URL, result: Result): void {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const mayCompress = url.searchParams.get('enable_http_compression') === '1';
  const encoding = !mayCompress
    ? undefined
    : accepted.includes('zstd')
      ? 'zstd'
      : accepted.includes('gzip')
        ? 'gzip'
        : undefined;
  const compress = encoding === 'zstd' ? zstdCompressSync : gzipSync;
  response.writeHead(result.status, {
    'x-clickhouse-query-id': url.searchParams.get('query_id') ?? '',
    ...(result.code === undefined ? {} : { 'x-clickhouse-exception-code': String(result.code) }),
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  });
  response.end(encoding === undefined ? result.body : compress(result.body));
}

if (import.meta.main) {
  const [folder = '', port = '0', certFile, keyFile] = process.argv.slice(2);
  const tls = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  await serve(folder, Number(port), tls);
}
