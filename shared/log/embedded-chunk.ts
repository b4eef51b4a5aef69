import type { LogRecord } from './log.ts';

/**
 * A chunk is the unit of the embedded log's storage: records of one partition that were appended together, one
 * LMDB value. All numbers are little-endian. Head: version (1 byte), oldest and newest timestamp (doubles), number
 * of records and last offset step (32 bits). Then for each record four LEB128 numbers and its bytes:
 *
 *     offset step from the record before, milliseconds after the oldest, key bytes + 1 (0: no key),
 *     value bytes + 1 (0: deleted), key, value
 *
 * Offsets are relative to the chunk's base offset, which is its LMDB key.
 */
const version = 1;
const headerBytes = 1 + 8 + 8 + 4 + 4;
const numberBytesMax = 5; // LEB128 of 32 bits
const recordOverheadMax = 4 * numberBytesMax;

/** What the head of a chunk says about it. */
export interface ChunkHead {
  readonly oldestTimestamp: number;
  readonly newestTimestamp: number;
  readonly records: number;
  /** The last record's offset, less the base offset. */
  readonly lastStep: number;
}

/** One record to be stored; `offset` relative to the chunk's base. */
export interface ChunkRecord {
  readonly offset: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly timestamp: number;
}

/** Makes a chunk of at least one record, in offset order. */
export function encodeChunk(records: readonly ChunkRecord[]): Buffer {
  let bytes = headerBytes;
  let oldest = Number.POSITIVE_INFINITY;
  let newest = 0;
  for (const { key, value, timestamp } of records) {
    bytes += recordOverheadMax + bytesOf(key) + bytesOf(value);
    if (timestamp < oldest) oldest = timestamp;
    if (timestamp > newest) newest = timestamp;
  }
  const chunk = Buffer.allocUnsafeSlow(bytes);
  let at = headerBytes;
  let before = 0;
  for (const { offset, key, value, timestamp } of records) {
    at = writeNumber(chunk, at, offset - before);
    at = writeNumber(chunk, at, timestamp - oldest);
    at = writeNumber(chunk, at, key === null ? 0 : bytesOf(key) + 1);
    at = writeNumber(chunk, at, value === null ? 0 : bytesOf(value) + 1);
    at = writeBytes(chunk, at, key);
    at = writeBytes(chunk, at, value);
    before = offset;
  }
  chunk[0] = version;
  chunk.writeDoubleLE(oldest, 1);
  chunk.writeDoubleLE(newest, 9);
  chunk.writeUInt32LE(records.length, 17);
  chunk.writeUInt32LE(before, 21);
  return chunk.subarray(0, at);
}

// Large enough that LMDB's cost per value vanishes, small enough that freed space is found again for the next one.
const chunkBytesMax = 512 * 2 ** 10;
const timestampSpanMax = 2 ** 31;

/** Cuts records, in offset order, into runs that each make one chunk; a larger record is a run of its own. */
export function* chunkRuns(records: readonly ChunkRecord[]): Generator<readonly ChunkRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [i, record] of records.entries()) {
    const more = recordOverheadMax + bytesOf(record.key) + bytesOf(record.value);
    const spanMs = Math.abs(record.timestamp - (records[start] ?? record).timestamp);
    if (i > start && (bytes + more > chunkBytesMax || spanMs > timestampSpanMax)) {
      yield records.slice(start, i);
      start = i;
      bytes = 0;
    }
    bytes += more;
  }
  if (start < records.length) yield records.slice(start);
}

/** @throws {RangeError} the chunk was written by a newer Amiss */
export function chunkHead(chunk: Buffer): ChunkHead {
  if (chunk[0] !== version)
    throw new RangeError(`the log holds a chunk of version ${chunk[0]}, this Amiss reads ${version}`);
  return {
    oldestTimestamp: chunk.readDoubleLE(1),
    newestTimestamp: chunk.readDoubleLE(9),
    records: chunk.readUInt32LE(17),
    lastStep: chunk.readUInt32LE(21),
  };
}

/**
 * The records of a chunk. Values are views of `chunk`, which must not be reused.
 *
 * @param base the chunk's base offset
 * @param from records before this offset are left out
 */
export function decodeChunk(chunk: Buffer, base: number, from: number): LogRecord[] {
  const { records: count, oldestTimestamp } = chunkHead(chunk);
  const records: LogRecord[] = [];
  const cursor = { at: headerBytes };
  let offset = base;
  for (let i = 0; i < count; i++) {
    offset += readNumber(chunk, cursor);
    const timestamp = oldestTimestamp + readNumber(chunk, cursor);
    const keyBytes = readNumber(chunk, cursor);
    const valueBytes = readNumber(chunk, cursor);
    const keyEnd = cursor.at + Math.max(keyBytes - 1, 0);
    const valueEnd = keyEnd + Math.max(valueBytes - 1, 0);
    if (offset >= from) {
      const key = keyBytes === 0 ? null : chunk.toString('utf8', cursor.at, keyEnd);
      const value = chunk.subarray(keyEnd, valueEnd);
      records.push({ offset, key, value, timestamp });
    }
    cursor.at = valueEnd;
  }
  return records;
}

function bytesOf(data: Buffer | string | null): number {
  if (data === null) return 0;
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length;
}

function writeBytes(chunk: Buffer, at: number, data: Buffer | string | null): number {
  if (data === null) return at;
  if (typeof data === 'string') return at + chunk.write(data, at);
  chunk.set(data, at);
  return at + data.length;
}

function writeNumber(chunk: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    chunk[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  chunk[at++] = rest;
  return at;
}

function readNumber(chunk: Buffer, cursor: { at: number }): number {
  let byte = chunk[cursor.at++] ?? 0;
  let value = byte & 0x7f;
  for (let shift = 7; byte > 0x7f; shift += 7) {
    byte = chunk[cursor.at++] ?? 0;
    value |= (byte & 0x7f) << shift;
  }
  return value >>> 0;
}
