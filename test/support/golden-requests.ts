import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync, zstdCompressSync } from 'node:zlib';

/** One exchange of a golden file: what the client sends, and what it needs to be answered. */
export interface GoldenExchange {
  /** As it goes over the wire: request line, headers in the client's order and spelling, body. */
  readonly bytes: Buffer;
  readonly isHead: boolean;
  /** A status, a header line, or a text of the body; of a protocol other than HTTP the exact bytes. */
  readonly reply: readonly (string | Buffer)[];
}

/** What a client sends from its first connection on, written after its source. */
export interface GoldenClient {
  /** Name of the file, and the beginning of its events' sources: `vector-http-1`. */
  readonly name: string;
  readonly client: string;
  readonly kind: string;
  /** Where its source makes this: repository, commit, files. */
  readonly source: string;
  readonly events: number;
  readonly exchanges: readonly GoldenExchange[];
}

/** An answer as it came over the wire. */
export interface GoldenReply {
  readonly status: number;
  /** Header lines as they came. */
  readonly head: string;
  readonly body: Buffer;
}

const folder = new URL('../fixtures/shippers/', import.meta.url);

/** Every file of `test/fixtures/shippers`, in order of name. */
export function readGoldenClients(): readonly GoldenClient[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.http'))
    .sort()
    .map((file) => parse(file.replace('.http', ''), readFileSync(new URL(file, folder), 'utf8')));
}

function parse(name: string, text: string): GoldenClient {
  const [preamble = '', ...parts] = text.split(/^### request/m);
  const field = (key: string) => new RegExp(`^# ${key}: (.*)$`, 'm').exec(preamble)?.[1] ?? '';
  return {
    name,
    client: field('client'),
    kind: field('kind'),
    source: field('source'),
    events: Number(field('events')),
    exchanges: parts.map(exchangeOf),
  };
}

function exchangeOf(part: string): GoldenExchange {
  const [request = '', reply = ''] = part.split(/^### reply\n/m);
  const [form = '', ...lines] = request.split('\n');
  const gap = lines.indexOf('');
  const head = lines.slice(0, gap);
  const text = lines.slice(gap + 1, -1).join('\n');
  const plain = form.trim() === 'base64' ? Buffer.from(text, 'base64') : Buffer.from(text);
  const body = encoded(plain, head);
  const sent = head.map((line) => `${line.replace('{length}', String(body.length))}\r\n`).join('');
  return {
    bytes: Buffer.concat(head.length === 0 ? [body] : [Buffer.from(`${sent}\r\n`), body]),
    isHead: head[0]?.startsWith('HEAD ') === true,
    reply: reply
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (line.startsWith('base64 ') ? Buffer.from(line.slice(7), 'base64') : line)),
  };
}

function encoded(body: Buffer, head: readonly string[]): Buffer {
  const coding = head.find((line) => /^content-encoding:/i.test(line))?.split(': ')[1];
  if (coding === 'gzip') return gzipSync(body);
  return coding === 'zstd' ? zstdCompressSync(body) : body;
}

/** A connection that sends what a file says, one exchange after the other, as its client keeps it open. */
interface GoldenConnection {
  /** Sends and reads the whole HTTP answer. Rejects when the connection ends before. */
  readonly exchange: (exchange: GoldenExchange) => Promise<GoldenReply>;
  /** Sends and reads so many bytes, of a protocol other than HTTP. */
  readonly exchangeBytes: (exchange: GoldenExchange, length: number) => Promise<Buffer>;
  readonly close: () => void;
}

export async function connectGolden(port: number): Promise<GoldenConnection> {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    exchange: async ({ bytes, isHead }) => {
      const received = await send(socket, bytes, (so) => httpEnd(so, isHead));
      const gap = received.indexOf('\r\n\r\n');
      const head = received.toString('latin1', 0, gap);
      return { status: Number(head.split(' ')[1]), head, body: received.subarray(gap + 4) };
    },
    exchangeBytes: ({ bytes }, length) => send(socket, bytes, (so) => so.length >= length),
    close: () => socket.destroy(),
  };
}

function send(socket: Socket, bytes: Buffer, isWhole: (received: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (!isWhole(received)) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve(received);
    };
    const onClose = () => reject(new Error(`closed after ${received.length} bytes of the answer`));
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.once('error', () => {}); // `close` follows
    socket.write(bytes);
  });
}

/** Fluent Bit, too, knows the end by `Content-Length: ` alone: an answer without one never ends here. */
function httpEnd(received: Buffer, isHead: boolean): boolean {
  const gap = received.indexOf('\r\n\r\n');
  if (gap === -1 || isHead) return gap !== -1;
  const length = /^content-length: (\d+)$/im.exec(received.toString('latin1', 0, gap))?.[1];
  return length !== undefined && received.length >= gap + 4 + Number(length);
}
