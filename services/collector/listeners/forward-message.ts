import { isObject } from '../facts/read.ts';
import { fluentEntry, fluentMsgpack } from '../formats/fluent-msgpack.ts';
import { type Decode, reject } from '../formats/format.ts';
import { Extension, firstItemAt, payloadAt, readMsgpack, valueEnd } from '../wire/msgpack.ts';

/** One message of the forward protocol, in whichever mode it came. */
export interface ForwardMessage {
  readonly tag: string;
  /** Packed entries; absent where they are in the message itself. */
  readonly body?: Buffer;
  /** How the packed entries are compressed. */
  readonly encoding?: 'gzip' | 'zstd';
  readonly decode: Decode;
  /** The client waits for an acknowledgement with this name. */
  readonly chunk?: string;
}

/**
 * Tells the modes apart by their second element: a number or an EventTime is Message mode, an array Forward mode,
 * bytes a packed one, `compressed` among the options says how.
 *
 * @param bytes the whole message
 * @returns `undefined` for what is no message of this protocol
 */
export function parseForward(bytes: Buffer): ForwardMessage | undefined {
  const read = readMsgpack(bytes, 0);
  if (!read.ok || !Array.isArray(read.value) || read.value.length < 2) return undefined;
  const [first, second, third, fourth] = read.value as readonly unknown[];
  const tag = Buffer.isBuffer(first) ? first.toString('utf8') : typeof first === 'string' ? first : '';
  const isSingle = typeof second === 'number' || second instanceof Extension;
  const option = isSingle ? fourth : third;
  const chunk = isObject(option) && typeof option['chunk'] === 'string' ? { chunk: option['chunk'] } : {};
  if (isSingle) return { tag, ...chunk, decode: () => [fluentEntry([second, third])] };
  if (Array.isArray(second)) return { tag, ...chunk, decode: () => second.map(fluentEntry) };
  // Clients from before msgpack had binary values pack the entries as a text, which they are not.
  const body = typeof second === 'string' ? packedIn(bytes) : second;
  if (!Buffer.isBuffer(body)) return { ...damaged('the entries are neither an array nor bytes'), ...chunk };
  const compressed = isObject(option) ? option['compressed'] : undefined;
  const encoding = compressed === 'gzip' || compressed === 'zstd' ? { encoding: compressed as 'gzip' } : {};
  return { tag, ...chunk, ...encoding, body, decode: fluentMsgpack.decode };
}

/** The bytes of a message's second element. */
function packedIn(bytes: Buffer): Buffer {
  return payloadAt(bytes, valueEnd(bytes, firstItemAt(bytes, 0)) ?? 0);
}

function damaged(reason: string): ForwardMessage {
  return { tag: '', decode: () => [reject(reason, '')] };
}
