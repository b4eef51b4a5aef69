import { createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto';

/** What a webhook's signature covers: message id, seconds since 1970 of this attempt, and the body as sent. */
export interface SignedContent {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

/** How far sender's and receiver's clocks may be apart, as the specification's libraries have it. */
const toleranceSeconds = 300;

/** A signing secret as it is written: `whsec_` for HMAC-SHA256, `whsk_` for an ed25519 private key, then base64. */
export const webhookSecretPattern = '^(whsec|whsk)_[A-Za-z0-9+/]{32,100}={0,2}$';

/**
 * The value of `webhook-signature`: one signature for each secret, so that a receiver may hold the old or the new
 * one while they are changed over.
 *
 * @param secrets texts that match `webhookSecretPattern`
 * @throws {RangeError} a `whsk_` secret holds neither 32 (seed) nor 64 bytes (seed and public key)
 * @source Standard Webhooks 1.0.0, "Signature scheme"
 */
export function signWebhook(content: SignedContent, secrets: readonly string[]): string {
  const bytes = signedBytes(content);
  return secrets.map((secret) => signature(bytes, secret)).join(' ');
}

/**
 * Does one of the signatures belong to this content and key, and is its time near enough?
 *
 * @param header value of `webhook-signature`
 * @param key `whsec_` and base64, or `whpk_` and the base64 of an ed25519 public key
 * @param nowMs the receiver's clock, UTC ms
 */
export function verifyWebhook(content: SignedContent, header: string, key: string, nowMs: number): boolean {
  // Written so that a time that is not a number fails too.
  if (!(Math.abs(nowMs / 1000 - content.timestampSeconds) <= toleranceSeconds)) return false;
  const bytes = signedBytes(content);
  return header.split(' ').some((signature) => isGenuine(bytes, signature, key));
}

function isGenuine(bytes: Buffer, signature: string, key: string): boolean {
  const [version, text = ''] = signature.split(',', 2);
  const given = Buffer.from(text, 'base64');
  if (version === 'v1' && key.startsWith('whsec_')) {
    const expected = hmac(bytes, key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
  if (version === 'v1a' && key.startsWith('whpk_')) {
    const x = keyBytes(key).toString('base64url');
    const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
    return verify(null, bytes, publicKey, given);
  }
  return false;
}

function signedBytes({ id, timestampSeconds, body }: SignedContent): Buffer {
  return Buffer.from(`${id}.${timestampSeconds}.${body}`, 'utf8');
}

function signature(bytes: Buffer, secret: string): string {
  return secret.startsWith('whsk_')
    ? `v1a,${sign(null, bytes, ed25519Key(secret)).toString('base64')}`
    : `v1,${hmac(bytes, secret).toString('base64')}`;
}

function hmac(bytes: Buffer, secret: string): Buffer {
  return createHmac('sha256', keyBytes(secret)).update(bytes).digest();
}

// PKCS #8 with the ed25519 algorithm, up to the 32 bytes of the seed (RFC 8410, section 7).
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const seedBytes = 32;

function ed25519Key(secret: string) {
  const bytes = keyBytes(secret);
  if (bytes.length !== seedBytes && bytes.length !== 2 * seedBytes) {
    throw new RangeError(`a whsk_ secret holds ${seedBytes} or ${2 * seedBytes} bytes, not ${bytes.length}`);
  }
  const key = Buffer.concat([pkcs8Prefix, bytes.subarray(0, seedBytes)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function keyBytes(key: string): Buffer {
  return Buffer.from(key.slice(key.indexOf('_') + 1), 'base64');
}
