import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createAuthenticate, ensureAdminToken, requireRole, tokenDigest } from '#shared/auth/token.ts';

const folder = mkdtempSync(join(tmpdir(), 'amiss-token-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the admin token', () => {
  test('is made once, for its owner only, and kept', () => {
    const path = join(folder, 'new', 'admin-token');
    const token = ensureAdminToken(path);
    expect(token).toMatch(/^amiss_[\w-]{43}$/);
    expect(ensureAdminToken(path)).toBe(token);
    expect(readFileSync(path, 'utf8').trim()).toBe(token);
    expect(modeOf(path)).toBe(0o600);
  });

  test('is closed to others again when a copy had opened it', () => {
    const path = join(folder, 'opened');
    ensureAdminToken(path);
    chmodSync(path, 0o644);
    ensureAdminToken(path);
    expect(modeOf(path)).toBe(0o600);
  });

  test('that is too short to be safe is refused, with the remedy', () => {
    const path = join(folder, 'short');
    writeFileSync(path, 'secret\n');
    expect(() => ensureAdminToken(path)).toThrow(/shorter than 32.*delete the file/s);
  });

  test('that cannot be written is a fault of the configuration that names the file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => ensureAdminToken(join(folder, 'file', 'admin-token'))).toThrow(/admin-token cannot be used/);
  });
});

describe('a token in a request', () => {
  const token = 'a-token-of-the-tests-0123456789abcdef';
  const reader = { name: 'reader', roles: ['read'] as const, sha256: tokenDigest(token) };
  const authenticate = createAuthenticate([{ ...reader, name: 'other', sha256: tokenDigest('x') }, reader]);

  test.each([
    { header: `Bearer ${token}`, name: 'reader' },
    { header: `bearer  ${token} `, name: 'reader' },
    { header: token, name: undefined },
    { header: `Basic ${token}`, name: undefined },
    { header: `Bearer ${token}x`, name: undefined },
    { header: `Bearer ${token} ${token}`, name: undefined },
    { header: `Bearer ${'y'.repeat(10_000)}`, name: undefined },
    { header: 'Bearer ', name: undefined },
    { header: '', name: undefined },
    { header: undefined, name: undefined },
  ])('%s', ({ header, name }) => {
    expect(authenticate(header)?.name).toBe(name);
  });

  test('is known by its digest', () => {
    // FIPS 180-2, appendix B.1
    expect(tokenDigest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('a role', () => {
  const caller = (...roles: ('ingest' | 'read' | 'admin')[]) => ({ name: 'c', roles });

  test('lets pass who has it, and an admin', () => {
    expect(requireRole(caller('read'), 'read').name).toBe('c');
    expect(requireRole(caller('admin'), 'ingest').name).toBe('c');
  });

  test('keeps out who has another, or none', () => {
    expect(() => requireRole(caller('ingest'), 'read')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
    expect(() => requireRole(caller('read'), 'admin')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    );
    expect(() => requireRole(undefined, 'read')).toThrow(expect.objectContaining({ code: 'UNAUTHORIZED' }));
  });
});
