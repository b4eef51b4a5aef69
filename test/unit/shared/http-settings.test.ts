import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listenerOptions } from '#shared/http-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'amiss-http-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = { tls_cert_file: '', tls_key_file: '', tls_client_ca_file: '', allow_plain: false };
const pem = (name: string) => {
  const path = join(folder, name);
  writeFileSync(path, `the ${name}`);
  return path;
};

test('without a certificate it is plain HTTP, beyond loopback only on request', () => {
  expect(listenerOptions(plain)).toEqual({ mayListenInPlain: false });
  expect(listenerOptions({ ...plain, allow_plain: true })).toEqual({ mayListenInPlain: true });
});

test('certificate, key and CA of clients are read from their files', () => {
  const files = { tls_cert_file: pem('cert'), tls_key_file: pem('key'), tls_client_ca_file: pem('ca') };
  const tls = { cert: 'the cert', key: 'the key', ca: 'the ca' };
  expect(listenerOptions({ ...plain, ...files })).toEqual({ mayListenInPlain: false, tls });
});

test('a certificate without its key is refused, and so is a file that is not there', () => {
  expect(() => listenerOptions({ ...plain, tls_cert_file: pem('cert') })).toThrow(
    /tls_key_file belong together/,
  );
  const missing = { ...plain, tls_cert_file: pem('cert'), tls_key_file: '/no/such/key' };
  expect(() => listenerOptions(missing)).toThrow(/tls_key_file.*\/no\/such\/key/);
});
