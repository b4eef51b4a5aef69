import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { signWebhook, verifyWebhook, webhookSecretPattern } from '#shared/webhook-signature.ts';

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const now = 1_700_000_000_000;
const content = { id: 'msg_1', timestampSeconds: now / 1000, body: '{"a":"ä"}' };

test('the signature is the one that the specification publishes', () => {
  // standard-webhooks, libraries/javascript, the fixed example of its test "sign function works"
  const published = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
  };
  expect(signWebhook(published, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('an independent implementation accepts each of several secrets', () => {
  const nowContent = { ...content, timestampSeconds: Math.floor(Date.now() / 1000) };
  const headers = {
    'webhook-id': nowContent.id,
    'webhook-timestamp': String(nowContent.timestampSeconds),
    'webhook-signature': signWebhook(nowContent, [secret, other]),
  };
  for (const key of [secret, other]) {
    expect(new Webhook(key).verify(nowContent.body, headers)).toEqual({ a: 'ä' });
  }
});

test('a private key signs by ed25519, as its public key confirms', () => {
  // RFC 8032, section 7.1, test 1: seed and public key
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const publicBytes = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicBytes.toString('base64url') };
  const key = createPublicKey({ format: 'jwk', key: jwk });
  const forms = [seed, Buffer.concat([seed, publicBytes])].map((bytes) => `whsk_${bytes.toString('base64')}`);
  for (const form of forms) {
    const [version, signature = ''] = signWebhook(content, [form]).split(',');
    expect(version).toBe('v1a');
    const bytes = Buffer.from(`${content.id}.${content.timestampSeconds}.${content.body}`);
    expect(verify(null, bytes, key, Buffer.from(signature, 'base64'))).toBe(true);
    const header = signWebhook(content, [secret, form]);
    expect(verifyWebhook(content, header, `whpk_${publicBytes.toString('base64')}`, now)).toBe(true);
  }
});

test('a private key of another length is refused', () => {
  const wrong = `whsk_${Buffer.alloc(40, 1).toString('base64')}`;
  expect(() => signWebhook(content, [wrong])).toThrow('40');
});

test('what was changed, or signed by another, is not genuine', () => {
  const header = signWebhook(content, [secret]);
  expect(verifyWebhook(content, header, secret, now)).toBe(true);
  expect(verifyWebhook({ ...content, body: '{"a":"b"}' }, header, secret, now)).toBe(false);
  expect(verifyWebhook({ ...content, id: 'msg_2' }, header, secret, now)).toBe(false);
  expect(verifyWebhook(content, header, other, now)).toBe(false);
  expect(verifyWebhook(content, '', secret, now)).toBe(false);
  expect(verifyWebhook(content, 'v1,', secret, now)).toBe(false);
});

test('a message of another time is not genuine', () => {
  const header = signWebhook(content, [secret]);
  expect(verifyWebhook(content, header, secret, now + 300_000)).toBe(true);
  expect(verifyWebhook(content, header, secret, now + 301_000)).toBe(false);
  expect(verifyWebhook(content, header, secret, now - 301_000)).toBe(false);
  const timeless = { ...content, timestampSeconds: Number.NaN };
  expect(verifyWebhook(timeless, signWebhook(timeless, [secret]), secret, now)).toBe(false);
});

test.each([
  [secret, true],
  [`whsk_${Buffer.alloc(32).toString('base64')}`, true],
  ['whsec_c2hvcnQ=', false],
  ['plain-password-of-thirty-two-characters', false],
])('%s is a secret: %s', (text, isSecret) => {
  expect(new RegExp(webhookSecretPattern).test(text)).toBe(isSecret);
});
