import { createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A keyed digest: 32 hex digits that stand for a token or a hashed resource. */
export type Digest = (value: string) => string;

/**
 * The digest with the deployment's key. Without a configured one, a random key is made once and kept as `hash-key`
 * in the data folder, readable by its owner only.
 *
 * @param configured key of the configuration, or ""
 * @param dataFolder where a key of our own lies; created when it is missing
 */
export function createDigest(configured: string, dataFolder: string): Digest {
  const key = configured === '' ? ownKey(dataFolder) : configured;
  return (value) => createHmac('sha256', key).update(value).digest('hex').slice(0, 32);
}

function ownKey(dataFolder: string): string {
  const path = join(dataFolder, 'hash-key');
  mkdirSync(dataFolder, { recursive: true });
  try {
    // `wx` fails where the key exists: of two processes that start at once, one writes and both read.
    writeFileSync(path, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}
