import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { decompress } from '../../../../../services/collector/wire/compression.ts';

const text = Buffer.from('{"source":"web","destination":"orders"}\n'.repeat(100));
const bytesMax = 10_000;

/** One chunk of snappy's framing format, uncompressed or not; nobody checks the checksum here. */
const framed = (kind: number, data: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt8(kind);
  head.writeUIntLE(data.length + 4, 1, 3);
  return Buffer.concat([head, data]);
};
const start = Buffer.from('ff060000734e61507059', 'hex');

describe('decompress', () => {
  test.each([
    ['', text],
    ['identity', text],
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['snappy', compressSync(text)],
    [
      'snappy',
      Buffer.concat([start, framed(0, compressSync(text.subarray(0, 80))), framed(1, text.subarray(80))]),
    ],
    ['gzip, zstd', zstdCompressSync(gzipSync(text))],
  ])('undoes %j', async (encoding, bytes) => {
    expect((await decompress(bytes, encoding, bytesMax)).equals(text)).toBe(true);
  });

  const bomb = Buffer.alloc(20_000_000);
  test.each([
    ['gzip', gzipSync(bomb)],
    ['deflate', deflateSync(bomb)],
    ['zstd', zstdCompressSync(bomb)],
    ['snappy', compressSync(bomb)],
    ['snappy', Buffer.concat([start, framed(0, compressSync(bomb))])],
    ['gzip, gzip', gzipSync(gzipSync(bomb))],
    ['identity', bomb],
  ])('stops a bomb of %s at the limit', async (encoding, bytes) => {
    await expect(decompress(bytes, encoding, bytesMax)).rejects.toMatchObject({ code: 'INPUT_TOO_LARGE' });
  });

  test.each(['gzip', 'deflate', 'zstd', 'snappy', 'br', 'gzip, gzip, gzip'])(
    'refuses bytes that are not %s, or a coding that it does not know',
    async (encoding) => {
      const damaged = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
      await expect(decompress(damaged, encoding, bytesMax)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    },
  );
});
