import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, messageOf } from '../errors.ts';

/** `ingest` delivers logs, `read` asks, `admin` does everything. */
export const roles = ['ingest', 'read', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Whoever stands behind a request. */
export interface Caller {
  readonly name: string;
  readonly roles: readonly Role[];
}

/** A token that is accepted, known by its digest only. */
export interface KnownToken extends Caller {
  /** SHA-256 of the token, hexadecimal. */
  readonly sha256: string;
}

/** Tells who presents a token. */
export type Authenticate = (authorization: string | undefined) => Caller | undefined;

const tokenCharactersMin = 32;
const tokenCharactersMax = 512;

/**
 * Reads the admin token, or makes one: 256 random bits, in a file that only its owner may read.
 *
 * @param path `admin-token` in the data folder
 * @throws {AppError} CONFIG_INVALID: the file cannot be read or written, or holds no token
 */
export function ensureAdminToken(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(path, `amiss_${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      chmodSync(path, 0o600); // whatever a copy or an editor made of it
    }
    const token = readFileSync(path, 'utf8').trim();
    if (token.length >= tokenCharactersMin) return token;
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `the admin token ${path} cannot be used: ${messageOf(error)}`);
  }
  throw new AppError(
    'CONFIG_INVALID',
    `the admin token in ${path} is shorter than ${tokenCharactersMin} characters; delete the file to get a new one`,
  );
}

/**
 * What is stored of a token.
 *
 * @example tokenDigest('abc'); // => 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Builds the check of `Authorization: Bearer TOKEN`. Digests are compared, all of them each time and in constant time,
 * so that the time taken tells nothing of any token.
 */
export function createAuthenticate(tokens: readonly KnownToken[]): Authenticate {
  const known = tokens.map(({ name, roles: own, sha256 }) => ({
    caller: { name, roles: own },
    digest: Buffer.from(sha256, 'hex'),
  }));
  return (authorization) => {
    const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > tokenCharactersMax) return undefined;
    const digest = createHash('sha256').update(token).digest();
    let found: Caller | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.digest, digest)) found = candidate.caller;
    }
    return found;
  };
}

/**
 * Lets a caller pass who has the role; an admin has every one.
 *
 * @throws {AppError} UNAUTHORIZED: nobody known; FORBIDDEN: known, but not allowed
 */
export function requireRole(caller: Caller | undefined, role: Role): Caller {
  if (caller === undefined) {
    throw new AppError('UNAUTHORIZED', 'a valid token is needed here: send "Authorization: Bearer TOKEN"');
  }
  if (!caller.roles.includes(role) && !caller.roles.includes('admin')) {
    throw new AppError('FORBIDDEN', `${caller.name} has no role "${role}", which is needed here`);
  }
  return caller;
}
