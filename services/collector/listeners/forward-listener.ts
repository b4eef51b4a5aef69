import type { Socket } from 'node:net';
import type { Clock } from '#shared/clock.ts';
import type { Delivery, Ingest } from '../delivery.ts';
import type { RandomUuid } from '../event-id.ts';
import { reject } from '../formats/format.ts';
import { takePatiently } from '../patient-ingest.ts';
import type { Sender } from '../sender.ts';
import type { Shippers } from '../shippers.ts';
import { messageEnd } from '../wire/msgpack.ts';
import { packAck } from '../wire/msgpack-write.ts';
import { forwardGreeting } from './forward-handshake.ts';
import { parseForward } from './forward-message.ts';
import type { StreamHandler } from './stream-listener.ts';

export interface ForwardOptions {
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly randomUuid: RandomUuid;
  readonly identify: (socket: Socket, format: string) => Sender | undefined;
  readonly shippers: Shippers;
  readonly report: (refusal: { who: string; format: string; reason: string }) => void;
  readonly signal: AbortSignal;
  /** Bytes of one message, packed or not; a connection with a longer one is closed. */
  readonly messageBytesMax: number;
}

const format = 'fluent-forward';

/**
 * Fluent's forward protocol, server side: every mode, and an acknowledgement after the durable append where the client
 * asks for one. With shared keys configured, a client must prove that it has one of them before it may deliver.
 *
 * @source Fluent forward protocol v1.5
 */
export function acceptForward(options: ForwardOptions): (socket: Socket) => StreamHandler | undefined {
  return (socket) => {
    const greeting = options.shippers.sharedKeys.length > 0 ? forwardGreeting(options.shippers) : undefined;
    let sender = greeting === undefined ? options.identify(socket, format) : undefined;
    if (greeting === undefined && sender === undefined) return undefined;
    if (greeting !== undefined) socket.write(greeting.hello);
    const messages = createMessages(options.messageBytesMax);
    return {
      onBytes: async (bytes) => {
        for (const message of messages.push(bytes)) {
          if (sender !== undefined) {
            await deliver(message, sender, socket, options);
          } else {
            const welcome = greeting?.answer(message);
            if (welcome === undefined) throw new Error('no PING');
            socket.write(welcome.pong);
            sender = welcome.sender;
            if (sender === undefined) {
              options.report({
                who: socket.remoteAddress ?? '',
                format,
                reason: 'the shared key is not known',
              });
              throw new Error('the shared key is not known');
            }
          }
        }
      },
      onPause: async () => {},
    };
  };
}

async function deliver(
  bytes: Buffer,
  sender: Sender,
  socket: Socket,
  options: ForwardOptions,
): Promise<void> {
  const message = parseForward(bytes);
  // One reject tells of it; what follows on such a connection would be one for each byte.
  if (message === undefined) {
    await refuse(bytes, sender, options);
    throw new Error(notForward);
  }
  const delivery: Delivery = {
    sender,
    format,
    body: message.body ?? bytes,
    ...(message.encoding === undefined ? {} : { encoding: message.encoding }),
    decode: message.decode,
    hint: { stream: message.tag },
    // A chunk that is sent again has the same name.
    retry: { key: message.chunk ?? options.randomUuid() },
  };
  await takePatiently(options.ingest, delivery, { ...options, patienceMs: Number.POSITIVE_INFINITY });
  if (message.chunk !== undefined) socket.write(packAck(message.chunk));
}

const notForward = 'this is not the forward protocol: no array of tag and entries';

async function refuse(body: Buffer, sender: Sender, options: ForwardOptions): Promise<void> {
  const sample = body.toString('base64', 0, 512);
  const delivery: Delivery = { sender, format, body, decode: () => [reject(notForward, sample)] };
  await takePatiently(options.ingest, delivery, { ...options, patienceMs: Number.POSITIVE_INFINITY });
}

/** Cuts a stream into msgpack messages. */
function createMessages(bytesMax: number) {
  let held: Buffer = Buffer.alloc(0);
  let end = messageEnd();
  return {
    *push(bytes: Buffer): Generator<Buffer> {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      for (let at = end.find(held); at !== undefined && held.length > 0; at = end.find(held)) {
        const message = held.subarray(0, at);
        held = held.subarray(at);
        end = messageEnd();
        yield message;
        if (held.length === 0) return;
      }
      if (held.length > bytesMax) throw new RangeError(`a message is longer than ${bytesMax} bytes`);
    },
  };
}
