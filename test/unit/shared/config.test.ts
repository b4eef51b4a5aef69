import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { loadConfig, maskSecrets, secret } from '#shared/config.ts';

const schema = Type.Object(
  {
    listen: Type.String({ default: '127.0.0.1:8470' }),
    log: Type.Object(
      {
        kind: Type.Enum(['embedded', 'kafka'], { default: 'embedded' }),
        partitions: Type.Integer({ default: 4, minimum: 1 }),
        brokers: Type.Array(Type.String(), { default: [] }),
        password: secret(Type.String({ default: '' })),
      },
      { additionalProperties: false },
    ),
    webhooks: Type.Array(
      Type.Object({ name: Type.String(), secret: secret(Type.String()) }, { additionalProperties: false }),
      { default: [] },
    ),
  },
  { additionalProperties: false },
);

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'amiss-config-')), 'amiss.yaml');
  writeFileSync(path, text);
  return path;
}

const load = (
  text: string,
  environment: Record<string, string> = {},
  overrides: Record<string, unknown> = {},
) => loadConfig(schema, { file: file(text), environment, overrides });

describe('loadConfig', () => {
  test('gives the defaults when nothing is said', () => {
    const config = loadConfig(schema, { file: undefined, environment: {} });
    expect(config.log).toEqual({ kind: 'embedded', partitions: 4, brokers: [], password: '' });
  });

  test('lets the environment win over the file, and the command line over both', () => {
    const config = load(
      'listen: a:1\nlog:\n  partitions: 2\n  kind: kafka\n',
      { AMISS_LOG_PARTITIONS: '8', AMISS_LISTEN: 'b:2' },
      { listen: 'c:3' },
    );
    expect(config.listen).toBe('c:3');
    expect(config.log.partitions).toBe(8);
    expect(config.log.kind).toBe('kafka');
  });

  test('reads a list from a variable, with commas or as JSON', () => {
    expect(load('', { AMISS_LOG_BROKERS: 'a:1, b:2' }).log.brokers).toEqual(['a:1', 'b:2']);
    expect(load('', { AMISS_LOG_BROKERS: '["a:1"]' }).log.brokers).toEqual(['a:1']);
  });

  test('reads a value from the file that a __FILE variable names', () => {
    const path = file('s3cret\n');
    expect(load('', { AMISS_LOG_PASSWORD__FILE: path }).log.password).toBe('s3cret');
  });

  test('names the key and the allowed values of a wrong value', () => {
    expect(() => load('log:\n  kind: rabbit\n')).toThrow(/log\.kind.*AMISS_LOG_KIND.*embedded, kafka/);
  });

  test('names an unknown key and the ones known there', () => {
    expect(() => load('log:\n  partition: 3\n')).toThrow(
      /log\.partition: no such key; known here: brokers, kind/,
    );
  });

  test('tells every fault at once', () => {
    expect(() => load('log:\n  kind: x\n  partitions: 0\n')).toThrow(/log\.kind[\s\S]*log\.partitions/);
  });

  test('says when a file is missing or is not YAML', () => {
    expect(() => loadConfig(schema, { file: '/nowhere/amiss.yaml', environment: {} })).toThrow(
      /nowhere\/amiss\.yaml/,
    );
    expect(() => load('log: [')).toThrow(/not YAML/);
  });

  test('freezes what it returns', () => {
    const config = load('');
    expect(() => Object.assign(config.log, { kind: 'kafka' })).toThrow(TypeError);
  });

  test('takes an unset mapping and a mapping of the wrong kind apart', () => {
    expect(load('log:\n').log.kind).toBe('embedded');
    expect(() => load('log: 3\n')).toThrow(/log\.: must be a mapping/);
  });
});

test('maskSecrets hides secrets at any depth and leaves the rest', () => {
  const config = load('log:\n  password: hush\nwebhooks:\n  - name: ops\n    secret: whsec_x\n');
  const masked = JSON.stringify(maskSecrets(schema, config));
  expect(masked).not.toMatch(/hush|whsec_x/);
  expect(masked).toContain('"ops"');
});
