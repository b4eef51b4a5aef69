import { hash } from 'node:crypto';

/** A random UUID in text form; `crypto.randomUUID`, or a test's own. */
export type RandomUuid = () => string;

// RFC 9562, 6.2, method 1: twelve bits after the version count the ids that share a draw, so that they sort as they
// came. 62 random bits for every 4096 ids of a millisecond keep collectors apart and cost next to nothing.
const counters = Array.from({ length: 4096 }, (_, index) => index.toString(16).padStart(3, '0'));

/**
 * Makes the ids of one batch: UUIDv7 of its time of arrival, rising within the batch up to 4096.
 *
 * @param receivedAt UTC milliseconds
 * @source RFC 9562, 5.7
 */
export function createBatchIds(receivedAt: number, randomUuid: RandomUuid): () => string {
  const hex = receivedAt.toString(16).padStart(12, '0');
  const prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
  let count = 0;
  let rest = '';
  return () => {
    const counter = count++ & 4095;
    if (counter === 0) rest = randomUuid().slice(18); // a hyphen, the variant and 62 random bits
    return prefix + counters[counter] + rest;
  };
}

/**
 * The id of an event whose shipper named it: a UUIDv8 made of who says so and what it says, so that a retry gives
 * the same id and two shippers never collide.
 *
 * @source RFC 9562, 5.8; the first 122 free bits of SHA-256
 * @example repeatableId('default', 'web', '17') === repeatableId('default', 'web', '17'); // => true
 */
export function repeatableId(space: string, shipper: string, clientId: string): string {
  const digest = hash('sha256', `${space}\u0000${shipper}\u0000${clientId}`, 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 3) | 8).toString(16);
  const head = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}`;
  return `${head}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
