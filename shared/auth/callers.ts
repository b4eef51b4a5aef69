import { join } from 'node:path';
import type { AuthSettings } from './settings.ts';
import { type Authenticate, createAuthenticate, ensureAdminToken, tokenDigest } from './token.ts';

export interface AdminToken {
  readonly value: string;
  /** Where it is kept. */
  readonly path: string;
}

export interface Callers {
  readonly adminToken: AdminToken;
  readonly authenticate: Authenticate;
}

/**
 * Who may call: the holder of the admin token of the data folder, and of those that the configuration knows by digest.
 *
 * @throws {AppError} CONFIG_INVALID: the admin token cannot be read or made
 */
export function createCallers(dataFolder: string, settings: AuthSettings): Callers {
  const path = join(dataFolder, 'admin-token');
  const value = ensureAdminToken(path);
  const admin = { name: 'admin', roles: ['admin'] as const, sha256: tokenDigest(value) };
  return { adminToken: { value, path }, authenticate: createAuthenticate([admin, ...settings.tokens]) };
}
