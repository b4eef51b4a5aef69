import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sender } from '../sender.ts';
import type { Shippers } from '../shippers.ts';
import { readMsgpack } from '../wire/msgpack.ts';
import { pack } from '../wire/msgpack-write.ts';

/** The server's side of the handshake on one connection. */
export interface ForwardGreeting {
  /** HELO, sent first. */
  readonly hello: Buffer;
  /**
   * Answers the client's PING; `undefined` when the message is none. Without a `sender` the client does not know a
   * key: it gets the PONG that says so, and the connection ends.
   */
  readonly answer: (
    message: Buffer,
  ) => { readonly pong: Buffer; readonly sender: Sender | undefined } | undefined;
}

const serverName = 'amiss';
const nonceBytes = 16;

/**
 * Proves that both sides know a shared key without sending it: SHA-512 over salt, host name, nonce and key.
 *
 * @source Fluent forward protocol v1.5, Handshake Messages
 */
export function forwardGreeting(shippers: Shippers): ForwardGreeting {
  const nonce = randomBytes(nonceBytes);
  const hello = pack(['HELO', { nonce, auth: '', keepalive: true }]);
  return {
    hello,
    answer: (message) => {
      const ping = readPing(message);
      if (ping === undefined) return undefined;
      const found = shippers.sharedKeys.find(({ key }) =>
        isEqual(ping.digest, digestOf(ping.salt, ping.host, nonce, key)),
      );
      const proof = found === undefined ? '' : digestOf(ping.salt, serverName, nonce, found.key);
      const reason = found === undefined ? 'shared_key mismatch' : '';
      const pong = pack(['PONG', found !== undefined, reason, serverName, proof]);
      return { pong, sender: found?.sender };
    },
  };
}

interface Ping {
  readonly host: string;
  readonly salt: Buffer;
  readonly digest: string;
}

function readPing(message: Buffer): Ping | undefined {
  const read = readMsgpack(message, 0);
  if (!read.ok || !Array.isArray(read.value)) return undefined;
  const [name, host, salt, digest] = read.value.map((item) => (Buffer.isBuffer(item) ? item : String(item)));
  if (String(name) !== 'PING' || host === undefined || salt === undefined || digest === undefined) {
    return undefined;
  }
  const saltBytes = Buffer.isBuffer(salt) ? salt : Buffer.from(salt, 'utf8');
  return { host: String(host), salt: saltBytes, digest: String(digest) };
}

function digestOf(salt: Buffer, host: string, nonce: Buffer, key: string): string {
  return createHash('sha512').update(salt).update(host).update(nonce).update(key).digest('hex');
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
