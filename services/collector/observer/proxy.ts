import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AppError, messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { Logger } from '#shared/logger.ts';
import { type Capture, createCapture } from './capture.ts';
import type { Passed } from './report.ts';

/** Bytes of a body that are read for its messages; longer ones pass all the same. */
const captureBytesMax = 1024 * 1024;

// They concern one connection only (RFC 9110, 7.6.1), or would hide the answer from us.
const notPassedOn = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

export interface ProxyOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where everything goes: `http://127.0.0.1:3000`. A path is put before the caller's. */
  readonly upstream: string;
  /** UTC milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Called when an exchange has ended, whatever its end. Must not throw. */
  readonly onExchange: (passed: Passed) => void;
}

/**
 * A reverse proxy that passes everything on unchanged, streams included, and tells of each exchange when it has
 * ended. For HTTP services only: no upgrade to WebSocket.
 *
 * @throws {AppError} USAGE `upstream` is no http or https URL
 */
export async function startProxy(
  options: ProxyOptions,
): Promise<{ readonly url: string; readonly stop: Stop }> {
  const upstream = URL.parse(options.upstream);
  if (upstream === null || !/^https?:$/.test(upstream.protocol))
    throw new AppError('USAGE', `upstream: "${options.upstream}" is no http or https URL`);
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, upstream, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  upstream: URL,
  options: ProxyOptions,
): void {
  const begun = options.now();
  const sent = createCapture(captureBytesMax);
  const received = createCapture(captureBytesMax);
  const tell = once((status: number, answer?: IncomingMessage) => {
    options.onExchange(passedOf(incoming, answer, { begun, status, sent, received, ended: options.now() }));
  });
  const target = targetOf(incoming, upstream);
  const forward = (upstream.protocol === 'https:' ? httpsRequest : httpRequest)(target, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, passedHeaders(answer.headers));
    outgoing.flushHeaders();
    answer.on('data', (chunk: Buffer) => received.add(chunk));
    answer.pipe(outgoing);
    answer.on('close', () => {
      if (!answer.complete) outgoing.destroy();
      tell(answer.statusCode ?? 502, answer);
    });
  });
  forward.on('error', (error) => {
    options.logger.warn({ reason: messageOf(error) }, 'upstream does not answer');
    if (!outgoing.headersSent) outgoing.writeHead(502).end();
    else outgoing.destroy();
    tell(502);
  });
  incoming.on('data', (chunk: Buffer) => sent.add(chunk));
  incoming.pipe(forward);
  // A caller who leaves takes the call upstream with it.
  outgoing.on('close', () => forward.destroy());
}

function targetOf(incoming: IncomingMessage, upstream: URL): RequestOptions {
  const prefix = upstream.pathname.replace(/\/$/, '');
  return {
    hostname: upstream.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.port,
    method: incoming.method,
    path: prefix + (incoming.url ?? '/'),
    // Plain answers, so that they can be read in passing.
    headers: { ...passedHeaders(incoming.headers), host: upstream.host, 'accept-encoding': 'identity' },
  };
}

function passedHeaders(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !notPassedOn.has(name)) kept[name] = value;
  return kept;
}

interface Course {
  readonly begun: number;
  readonly ended: number;
  readonly status: number;
  readonly sent: Capture;
  readonly received: Capture;
}

function passedOf(incoming: IncomingMessage, answer: IncomingMessage | undefined, course: Course): Passed {
  return {
    time: course.begun,
    durationMs: course.ended - course.begun,
    method: incoming.method ?? 'GET',
    url: incoming.url ?? '/',
    status: course.status,
    headers: incoming.headers,
    answerHeaders: answer?.headers ?? {},
    request: course.sent.messages(incoming.headers),
    response: answer === undefined ? undefined : course.received.messages(answer.headers),
    bytesOut: course.sent.bytes(),
    bytesIn: course.received.bytes(),
    sourceAddress: incoming.socket.remoteAddress?.replace(/^::ffff:/, ''),
  };
}

function once<Arguments extends readonly unknown[]>(
  action: (...given: Arguments) => void,
): (...given: Arguments) => void {
  let isDone = false;
  return (...given) => {
    if (isDone) return;
    isDone = true;
    action(...given);
  };
}
