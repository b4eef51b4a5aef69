import { attributeNames } from '#shared/attributes.ts';
import type { Found } from './draft.ts';
import { isObject, type JsonObject, listOf, numberOf, textOf } from './read.ts';

/** Characters of a token beyond which its claims are not read; its digest still is. */
const tokenCharactersMax = 16_384;

/** What an `Authorization` header tells, with no way back to the secret in it. */
export interface Credential {
  readonly fields: Pick<
    Found,
    'auth_method' | 'auth_subject' | 'token_id' | 'token_issued_at' | 'token_expires_at' | 'mfa'
  >;
  /** Issuer, audience, scope and algorithm of a JWT, under the names of `attributeNames`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Reads an `Authorization` header (or a bare token) and leaves the token behind: its HMAC, and of a JWT its times,
 * issuer, audience, scopes and algorithm. Signatures are the called service's business, not a log reader's.
 *
 * @source RFC 7519 (JWT), RFC 9068 (access tokens), RFC 8176 (amr)
 */
export function readCredential(header: unknown, digest: (value: string) => string): Credential {
  const value = textOf(header)?.trim();
  if (value === undefined || /^(?:-|\*+|\[?redacted\]?|bearer|basic|dpop|negotiate)$/i.test(value))
    return none;
  const space = value.indexOf(' ');
  const scheme = space < 0 ? '' : value.slice(0, space).toLowerCase();
  const token = value.slice(space + 1).trim();
  if (token === '') return none;
  if (scheme === 'basic') return basicCredential(token, digest);
  const token_id = digest(token);
  const claims = jwtOf(token);
  if (claims === undefined)
    return { fields: { auth_method: scheme === '' ? 'token' : scheme, token_id }, attributes: {} };
  return {
    fields: { auth_method: 'jwt', token_id, ...claims.fields },
    attributes: claims.attributes,
  };
}

const none: Credential = { fields: {}, attributes: {} };

/** The user's name may be read; user and password together are the secret. */
function basicCredential(token: string, digest: (value: string) => string): Credential {
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const user = colon > 0 ? decoded.slice(0, colon) : undefined;
  return { fields: { auth_method: 'basic', auth_subject: user, token_id: digest(token) }, attributes: {} };
}

function jwtOf(token: string): Credential | undefined {
  if (token.length > tokenCharactersMax) return undefined;
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const header = decodePart(parts[0]);
  const payload = decodePart(parts[1]);
  if (header === undefined || payload === undefined) return undefined;
  return {
    fields: {
      auth_subject: textOf(payload['sub']) ?? textOf(payload['client_id']) ?? textOf(payload['azp']),
      token_issued_at: secondsToMs(payload['iat']),
      token_expires_at: secondsToMs(payload['exp']),
      mfa: mfaOf(payload['amr']),
    },
    attributes: {
      [attributeNames.tokenIssuer]: payload['iss'],
      [attributeNames.tokenAudience]: joined(payload['aud']),
      [attributeNames.tokenScope]: joined(payload['scope'] ?? payload['scp'] ?? payload['roles']),
      [attributeNames.tokenAlgorithm]: header['alg'],
    },
  };
}

function decodePart(part: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // not a JWT: an opaque token with two dots
  }
}

function secondsToMs(value: unknown): number | undefined {
  const seconds = numberOf(value);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** One order for lists, so that the same grant always reads the same. */
function joined(value: unknown): string | undefined {
  const words = typeof value === 'string' ? value.split(/\s+/) : listOf(value).map(textOf);
  const sorted = words.filter((word) => word !== undefined && word !== '').sort();
  return sorted.length === 0 ? undefined : sorted.join(' ');
}

const strongMethods = new Set(['mfa', 'hwk', 'otp', 'fpt', 'face', 'sc']); // RFC 8176

function mfaOf(amr: unknown): boolean | undefined {
  return Array.isArray(amr) ? amr.some((method) => strongMethods.has(method)) : undefined;
}
