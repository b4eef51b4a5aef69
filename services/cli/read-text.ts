import { readFileSync } from 'node:fs';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { AppError, messageOf } from '#shared/errors.ts';

/** The text of a file that the command line names, `.gz` and `.zst` decompressed. @throws {AppError} USAGE */
export function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (path.endsWith('.gz')) return gunzipSync(bytes).toString();
    if (path.endsWith('.zst')) return zstdDecompressSync(bytes).toString();
    return bytes.toString();
  } catch (error) {
    throw new AppError('USAGE', `cannot read ${path}: ${messageOf(error)}`);
  }
}
