import { createReadStream, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { AppError } from './errors.ts';

/**
 * The lines of a text file, one by one, in constant memory. `.gz` and `.zst` are decompressed, `-` is standard input.
 *
 * @param path file to read
 * @param onBytes told the bytes read so far of the file as it lies on disk, for a progress bar
 * @throws {AppError} USAGE when there is no such file
 */
export async function* linesOf(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<string> {
  for await (const lines of lineBatchesOf(path, onBytes)) yield* lines;
}

/** The same in batches, as they were read: to wait for every line by itself costs more than to read it. */
export async function* lineBatchesOf(
  path: string,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<readonly string[]> {
  if (path !== '-' && !existsSync(path)) throw new AppError('USAGE', `there is no file ${path}`);
  const file: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 2 ** 20 });
  let bytes = 0;
  file.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    onBytes?.(bytes);
  });
  const decompress = path.endsWith('.gz')
    ? createGunzip()
    : path.endsWith('.zst')
      ? createZstdDecompress()
      : undefined;
  const text = decompress === undefined ? file : file.pipe(decompress);
  file.on('error', (error) => text.destroy(error)); // pipe hands on data, not failures
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}
