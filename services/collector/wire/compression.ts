import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { uncompress } from 'snappy';
import { AppError, messageOf } from '#shared/errors.ts';

type Decompress = (bytes: Buffer, bytesMax: number) => Promise<Buffer>;

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);
const inflateRawAsync = promisify(inflateRaw);
const zstdAsync = promisify(zstdDecompress);

const codecs: ReadonlyMap<string, Decompress> = new Map([
  ['identity', async (bytes) => bytes],
  ['gzip', (bytes, maxOutputLength) => gunzipAsync(bytes, { maxOutputLength })],
  ['x-gzip', (bytes, maxOutputLength) => gunzipAsync(bytes, { maxOutputLength })],
  ['zstd', (bytes, maxOutputLength) => zstdAsync(bytes, { maxOutputLength })],
  ['deflate', inflateEither],
  ['snappy', unsnap],
]);

/** The content codings that `decompress` knows, for an answer of 415. */
const encodings: readonly string[] = [...codecs.keys()];

/**
 * Undoes a request's `Content-Encoding`, which may name several codings in the order in which they were applied.
 * Never gives back more than `bytesMax`: a compression bomb stops at that size.
 *
 * @throws {AppError} INPUT_TOO_LARGE beyond `bytesMax`; INPUT_INVALID for an unknown coding or damaged bytes
 */
export async function decompress(bytes: Buffer, encoding: string, bytesMax: number): Promise<Buffer> {
  let result = bytes;
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length > codingsMax)
    throw new AppError('INPUT_INVALID', `content-encoding: more than ${codingsMax} codings`);
  for (const name of names.reverse()) {
    const codec = codecs.get(name);
    if (codec === undefined) {
      throw new AppError(
        'INPUT_INVALID',
        `content-encoding "${name.slice(0, 40)}" is not known; use one of ${encodings.join(', ')}`,
      );
    }
    result = await run(codec, name, result, bytesMax);
  }
  if (result.length > bytesMax) throw tooLarge(bytesMax);
  return result;
}

// Two happen by accident (a proxy that compresses again); more is an attempt to multiply.
const codingsMax = 2;

async function run(codec: Decompress, name: string, bytes: Buffer, bytesMax: number): Promise<Buffer> {
  try {
    return await codec(bytes, bytesMax);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw new AppError('INPUT_INVALID', `the body is not ${name}: ${messageOf(error)}`, { cause: error });
  }
}

/** "deflate" means the zlib form (RFC 9110, 8.4.1.2), but clients that send it raw are as old as HTTP. */
function inflateEither(bytes: Buffer, maxOutputLength: number): Promise<Buffer> {
  const isZlib = (bytes[0] ?? 0) % 16 === 8 && bytes.length > 1 && bytes.readUInt16BE(0) % 31 === 0;
  return (isZlib ? inflateAsync : inflateRawAsync)(bytes, { maxOutputLength });
}

const framedStart = Buffer.from('ff060000734e61507059', 'hex'); // snappy framing format: stream identifier

async function unsnap(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  if (!bytes.subarray(0, framedStart.length).equals(framedStart)) return unsnapBlock(bytes, bytesMax);
  const parts: Buffer[] = [];
  let length = 0;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const kind = bytes[at] ?? 0;
    const size = bytes.readUIntLE(at + 1, 3);
    const data = bytes.subarray(at + 8, at + 4 + size); // after the header lies a checksum of four bytes
    if (kind === 0x00) parts.push(await unsnapBlock(data, bytesMax - length));
    else if (kind === 0x01) parts.push(data);
    else if (kind >= 0x02 && kind <= 0x7f) throw new Error('a chunk of an unknown kind');
    length += kind <= 0x01 ? (parts.at(-1)?.length ?? 0) : 0;
    if (length > bytesMax) throw tooLarge(bytesMax);
    at += 4 + size;
  }
  return Buffer.concat(parts);
}

/** A block begins with its length as a varint: what it claims is checked before anything is unpacked. */
async function unsnapBlock(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  let claimed = 0;
  for (let i = 0; ; i += 1) {
    const byte = bytes[i];
    if (byte === undefined || i > 4) throw new Error('its length is damaged');
    claimed += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  if (claimed > bytesMax) throw tooLarge(bytesMax);
  return (await uncompress(bytes, { asBuffer: true })) as Buffer;
}

function tooLarge(bytesMax: number): AppError {
  return new AppError(
    'INPUT_TOO_LARGE',
    `the body is larger than ${bytesMax} bytes when unpacked; send smaller batches`,
  );
}
