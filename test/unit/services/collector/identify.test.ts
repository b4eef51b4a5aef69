import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { certificateName, tokenOf } from '../../../../services/collector/identify.ts';

describe('tokenOf', () => {
  test.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['Splunk 11-22', '11-22'],
    [`Basic ${btoa('any:secret:with colon')}`, 'secret:with colon'],
    [`ApiKey ${btoa('id:key')}`, 'key'],
    ['Basic !!!', undefined],
    ['Digest abc', undefined],
    ['Bearer a b', undefined],
    ['', undefined],
  ])('%s', (header, token) => {
    expect(tokenOf(header)).toBe(token);
  });
});

describe('certificateName', () => {
  // What Node shows of a certificate; the certificates themselves are tried with rsyslog.
  const socketWith = (subjectaltname: string | undefined, commonName: string, authorized = true) =>
    ({
      authorized,
      getPeerCertificate: () => ({ subjectaltname, subject: { CN: commonName } }),
    }) as unknown as TLSSocket;

  test.each([
    ['the only URI', socketWith('URI:spiffe://shop/web', 'web'), 'spiffe://shop/web'],
    ['a URI beside other names', socketWith('DNS:web, URI:spiffe://shop/web', 'x'), 'spiffe://shop/web'],
    ['the common name where there is no URI', socketWith('DNS:web.shop', 'web'), 'web'],
    ['the common name without other names', socketWith(undefined, 'web'), 'web'],
    ['nobody by two URIs', socketWith('URI:spiffe://a/b, URI:spiffe://a/c', 'web'), undefined],
    ['nobody by a quoted name', socketWith('DNS:"x, URI:spiffe://a/b"', 'web'), undefined],
    ['nobody by an unverified certificate', socketWith('URI:spiffe://shop/web', 'web', false), undefined],
    ['nobody without TLS', {}, undefined],
  ] as const)('is %s', (_what, socket, name) => {
    expect(certificateName(socket)).toBe(name);
  });
});
