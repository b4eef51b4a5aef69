import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { EmbeddedStore } from './embedded-store.ts';

/** What an append may take, at the most, before the log is full. */
export interface RoomLimits {
  /** Folder of the log. */
  readonly path: string;
  /** Bytes of kept records. */
  readonly bytesMax: number;
  /** Bytes that stay free on the disk: LMDB needs some even to delete. */
  readonly diskFreeBytesMin: number;
}

// LMDB may put a value in a new place though old pages are free: what is free has to be a good deal more.
const reuseFactor = 2;
const reuseBytesMin = 2 ** 20;

/**
 * Throws when there is no room for `bytes` more. Inside `store.write`.
 *
 * @throws {AppError} LOG_FULL: by the named limit, or because the disk is nearly full and nothing is free in the file
 */
export function assertRoom(
  store: EmbeddedStore,
  { path, bytesMax, diskFreeBytesMin }: RoomLimits,
  bytes: number,
) {
  const kept = store.totalBytes();
  if (kept + bytes > bytesMax) {
    const limit = `${bytesMax} bytes (log.bytes_max)`;
    throw new AppError('LOG_FULL', `the log is at its limit of ${limit}: a reader lags, or raise it`);
  }
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize - bytes >= diskFreeBytesMin) return;
  // The file never shrinks: what retention has deleted is free within it.
  const reusable = statSync(join(path, 'data.mdb')).size - kept;
  if (reusable >= bytes * reuseFactor + reuseBytesMin) return;
  throw new AppError(
    'LOG_FULL',
    `the disk of ${path} has ${bavail * bsize} bytes left, and ${diskFreeBytesMin} are kept free`,
  );
}
