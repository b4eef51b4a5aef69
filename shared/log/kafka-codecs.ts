import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress, uncompress } from 'snappy';

// Node sees only some of a CommonJS module's names as its exports; these are not among them.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** What kafkajs asks of a codec: it hands over an encoder to compress, and bytes to decompress. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/**
 * The header that marks records which stand for those of a batch that could not be read. They keep their offsets,
 * so that a consumer passes over them; its value says why.
 */
export const unreadableHeader = 'amiss-unreadable';

// A batch of ours is under a megabyte, a foreign one seldom over ten; more is a bomb.
const decompressedBytesMax = 128 * 2 ** 20;
const bounded = { maxOutputLength: decompressedBytesMax };

const gzipCodec: Codec = {
  compress: ({ buffer }) => promisify(gzip)(buffer),
  decompress: (bytes) => promisify(gunzip)(bytes, bounded) as Promise<Buffer>,
};

const zstdCodec: Codec = {
  compress: ({ buffer }) => promisify(zstdCompress)(buffer),
  decompress: (bytes) => promisify(zstdDecompress)(bytes, bounded) as Promise<Buffer>,
};

const lz4Codec: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (bytes) => decompressFrame(bytes),
};

// Java's clients frame snappy as the library xerial does: a magic, two versions, then blocks with their lengths.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;

const snappyCodec: Codec = {
  compress: ({ buffer }) => compress(buffer),
  decompress: async (bytes) => {
    if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappyBlock(bytes);
    const blocks: Buffer[] = [];
    for (let at = xerialHeaderBytes; at < bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at);
      blocks.push(await snappyBlock(bytes.subarray(at + 4, end)));
      at = end;
    }
    return Buffer.concat(blocks);
  },
};

async function snappyBlock(bytes: Buffer): Promise<Buffer> {
  return Buffer.from(await uncompress(bytes));
}

/** The ids of compression that a batch can name: three bits of its attributes. */
const codecs: Readonly<Record<number, Codec>> = {
  [CompressionTypes.GZIP]: gzipCodec,
  [CompressionTypes.Snappy]: snappyCodec,
  [CompressionTypes.LZ4]: lz4Codec,
  [CompressionTypes.ZSTD]: zstdCodec,
};
const codecIds = [1, 2, 3, 4, 5, 6, 7];

/**
 * Gives kafkajs (whose registry is one for the process) every codec, and for ids without one a stand-in, since it
 * takes a batch of an unknown codec for an uncompressed one and fails on its bytes for ever.
 *
 * @param known the codecs by id; a test leaves one out
 */
export function registerCodecs(known: Readonly<Record<number, Codec>> = codecs): void {
  const registry = CompressionCodecs as unknown as Record<number, () => Codec>;
  for (const id of codecIds) registry[id] = () => forgiving(id, known[id]);
}

/** All codecs but one, as if it had not been invented yet. */
export function codecsWithout(id: number): Readonly<Record<number, Codec>> {
  return Object.fromEntries(Object.entries(codecs).filter(([known]) => Number(known) !== id));
}

function forgiving(id: number, codec: Codec | undefined): Codec {
  return {
    compress: (encoder) =>
      codec?.compress(encoder) ?? Promise.reject(new RangeError(`no codec ${id} to compress with`)),
    decompress: async (bytes) => {
      if (codec === undefined) return standIns(bytes, `compression ${id} is unknown`);
      try {
        return await codec.decompress(bytes);
      } catch (error) {
        return standIns(bytes, `compression ${id} failed: ${String(error).slice(0, 200)}`);
      }
    },
  };
}

// The compressed bytes are the end of a batch whose head lies right before them in the same memory
// (https://kafka.apache.org/documentation/#recordbatch): `records count` last, `lastOffsetDelta` 34 bytes earlier.
const countBefore = 4;
const lastDeltaBefore = 38;

/** As many records as the batch says it has, with their offsets, no key, no value, and the reason as a header. */
function standIns(compressed: Buffer, reason: string): Buffer {
  const head = Buffer.from(compressed.buffer, compressed.byteOffset - lastDeltaBefore, lastDeltaBefore);
  const count = head.readInt32BE(lastDeltaBefore - countBefore);
  const lastDelta = head.readInt32BE(0);
  const [name, text] = [Buffer.from(unreadableHeader), Buffer.from(reason)];
  const header = [...signed(1), ...signed(name.length), ...name, ...signed(text.length), ...text];
  const records = Array.from({ length: count }, (_, i) => {
    const delta = i === count - 1 ? lastDelta : i;
    // attributes, timestamp delta, offset delta, no key, no value, headers
    const body = [0, ...signed(0), ...signed(delta), ...signed(-1), ...signed(-1), ...header];
    return Buffer.from([...signed(body.length), ...body]);
  });
  return Buffer.concat(records);
}

/** A zigzag varint, as in Kafka's record format. */
function signed(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
