/** What a forward server has to say: texts, booleans, numbers below 128, bytes, and lists and maps of these. */
export type Packable =
  | string
  | boolean
  | number
  | Buffer
  | readonly Packable[]
  | { readonly [key: string]: Packable };

/** Writes a value as msgpack. @throws {RangeError} longer than a forward server ever has to say */
export function pack(value: Packable): Buffer {
  if (typeof value === 'string') return sized(0xa0, 0xd9, 31, Buffer.from(value, 'utf8'));
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 0 || value > 127)
      throw new RangeError(`${value} is not in 0..127`);
    return Buffer.from([value]);
  }
  if (Buffer.isBuffer(value)) return sized(undefined, 0xc4, -1, value);
  const isList = Array.isArray(value);
  const entries = isList ? value : Object.entries(value).flat();
  const length = isList ? value.length : entries.length / 2;
  if (length > 15) throw new RangeError(`${length} entries are more than 15`);
  return Buffer.concat([Buffer.from([(isList ? 0x90 : 0x80) | length]), ...entries.map(pack)]);
}

/** The acknowledgement of a chunk. */
export function packAck(chunk: string): Buffer {
  return pack({ ack: chunk.slice(0, 255) });
}

function sized(short: number | undefined, long: number, shortMax: number, bytes: Buffer): Buffer {
  if (bytes.length > 255) throw new RangeError(`${bytes.length} bytes are more than 255`);
  const head =
    short !== undefined && bytes.length <= shortMax ? [short | bytes.length] : [long, bytes.length];
  return Buffer.concat([Buffer.from(head), bytes]);
}
