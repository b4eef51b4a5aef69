import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { readCredential } from '../../../../../services/collector/facts/token.ts';

const digest = (value: string) => createHmac('sha256', 'key').update(value).digest('hex').slice(0, 32);
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  iss: 'https://id.example',
  sub: 'web',
  aud: ['orders', 'cart'],
  iat: 1793613000,
  exp: 1793616600,
};
const jwt = (payload: object, header: object = { alg: 'RS256' }) => `${part(header)}.${part(payload)}.c2ln`;

test('of a JWT the times, subject, issuer, audience, scope and algorithm are read', () => {
  const token = jwt({ ...claims, scope: 'write read', amr: ['pwd', 'otp'] });
  expect(readCredential(`Bearer ${token}`, digest)).toEqual({
    fields: {
      auth_method: 'jwt',
      token_id: digest(token),
      auth_subject: 'web',
      token_issued_at: 1793613000000,
      token_expires_at: 1793616600000,
      mfa: true,
    },
    attributes: {
      token_issuer: 'https://id.example',
      token_audience: 'cart orders',
      token_scope: 'read write',
      token_algorithm: 'RS256',
    },
  });
});

test('the same grant in another order reads the same', () => {
  const scopesOf = (scope: unknown) => readCredential(jwt({ scope }), digest).attributes['token_scope'];
  expect(scopesOf('b a')).toBe(scopesOf(['a', 'b']));
});

test('an unsigned token says so', () => {
  expect(readCredential(jwt(claims, { alg: 'none' }), digest).attributes['token_algorithm']).toBe('none');
});

test('an opaque token is its digest and nothing else', () => {
  expect(readCredential('Bearer s3cr3t', digest)).toEqual({
    fields: { auth_method: 'bearer', token_id: digest('s3cr3t') },
    attributes: {},
  });
});

test('two dots do not make a JWT', () => {
  expect(readCredential('Bearer a.b.c', digest).fields.auth_method).toBe('bearer');
  expect(readCredential(`Bearer ${part([1])}.${part({})}.x`, digest).fields.auth_method).toBe('bearer');
});

test('of basic credentials the user is read and the password is not', () => {
  const { fields } = readCredential(`Basic ${Buffer.from('ann:secret').toString('base64')}`, digest);
  expect(fields.auth_subject).toBe('ann');
  expect(JSON.stringify(fields)).not.toContain('secret');
});

test.each([undefined, '', '-', '***', '[REDACTED]', 'Bearer '])('%s tells nothing', (header) => {
  expect(readCredential(header, digest)).toEqual({ fields: {}, attributes: {} });
});

test('a token of megabytes is digested, not parsed', () => {
  const token = jwt({ ...claims, padding: 'x'.repeat(100_000) });
  expect(readCredential(`Bearer ${token}`, digest).fields).toEqual({
    auth_method: 'bearer',
    token_id: digest(token),
  });
});
