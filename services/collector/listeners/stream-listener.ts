import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { messageOf } from '#shared/errors.ts';
import { parseListen } from '#shared/http.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { Logger } from '#shared/logger.ts';

/** One connection's protocol. All calls are made one after another; while one runs, nothing more is read. */
export interface StreamHandler {
  /** Takes the next bytes; resolves when the next may come. A rejection ends the connection. */
  readonly onBytes: (bytes: Buffer) => Promise<void>;
  /** The sender has paused, or closed its side. */
  readonly onPause: () => Promise<void>;
}

export interface StreamListenerOptions {
  /** Name for logs. */
  readonly name: string;
  /** `host:port`. */
  readonly listen: string;
  /** PEM texts; with `ca` a client certificate is asked for and must be good. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  readonly logger: Logger;
  /** Begins a connection; `undefined` turns it away. */
  readonly accept: (socket: Socket | TLSSocket) => StreamHandler | undefined;
}

/** Connections at once; beyond it new ones are closed at once, and their senders try again. */
const connectionsMax = 1_024;
/** A sender that is silent so long has ended its message, even without a terminator. */
const pauseMs = 500;
/** How long a connection may still work when the listener stops. */
const stopMsMax = 5_000;

/** Listens for byte streams. Slow work is back-pressure: the socket is not read meanwhile, and the sender waits. */
export async function listenForStreams(
  options: StreamListenerOptions,
): Promise<{ readonly port: number; readonly stop: Stop }> {
  const connections = new Map<Socket, Promise<void>>();
  const onSocket = (socket: Socket) => {
    const work = serve(socket, options).finally(() => connections.delete(socket));
    connections.set(socket, work);
  };
  const server = createListener(options, onSocket);
  server.maxConnections = connectionsMax;
  const { host, port } = parseListen(options.listen);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const bound = server.address();
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port;
  options.logger.info({ listener: options.name, host, port: actual }, 'listener takes records');
  return { port: actual, stop: () => stop(server, connections) };
}

function createListener({ tls }: StreamListenerOptions, onSocket: (socket: Socket) => void): Server {
  if (tls === undefined) return createServer({ pauseOnConnect: true, allowHalfOpen: true }, onSocket);
  const asksForCertificate = tls.ca !== undefined;
  const server = createTlsServer(
    { ...tls, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate, allowHalfOpen: true },
    onSocket,
  );
  return server;
}

async function serve(socket: Socket, options: StreamListenerOptions): Promise<void> {
  socket.on('error', () => {}); // a connection that breaks ends below; its sender tries again
  const handler = options.accept(socket);
  if (handler === undefined) {
    socket.destroy();
    return;
  }
  try {
    for await (const bytes of withPauses(socket)) {
      if (bytes === undefined) await handler.onPause();
      else await handler.onBytes(bytes);
    }
    await handler.onPause();
  } catch (error) {
    options.logger.debug({ listener: options.name, reason: messageOf(error) }, 'connection ended');
  }
  socket.destroy();
}

/** The chunks of a socket, and `undefined` for each pause. */
async function* withPauses(socket: Socket): AsyncGenerator<Buffer | undefined> {
  const chunks = socket[Symbol.asyncIterator]();
  let next = chunks.next();
  let isPaused = false;
  for (;;) {
    const chunk = isPaused ? await next : await within(next, pauseMs);
    if (chunk === undefined) {
      isPaused = true;
      yield undefined;
      continue;
    }
    if (chunk.done) return;
    isPaused = false;
    yield chunk.value as Buffer;
    next = chunks.next();
  }
}

async function within<T>(promise: Promise<T>, delayMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), delayMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function stop(server: Server, connections: ReadonlyMap<Socket, Promise<void>>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // No more is read; what was read is stored, as far as the time allows.
  for (const socket of connections.keys()) socket.destroy();
  await within(Promise.allSettled(connections.values()), stopMsMax);
  await closed;
}
