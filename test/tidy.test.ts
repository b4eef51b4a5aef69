import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';

// The house rules that neither Biome nor tsc can check. A rule that nothing checks is struck out.
const root = new URL('..', import.meta.url).pathname;
const sources = globSync('{services,shared,dashboards,test}/**/*.ts', { cwd: root })
  .filter((path) => !path.includes('node_modules'))
  .sort();
const product = sources.filter((path) => !path.startsWith('test/'));
const read = (path: string) => readFileSync(root + path, 'utf8');

const fileLinesMax = 300;
const testFileLinesMax = 400;

// Each external package has one place that imports it, so that it can be replaced there.
const packageHomes: Record<string, RegExp> = {
  kafkajs: /^shared\/log\/kafka/,
  lmdb: /^(shared\/log\/embedded|services\/scorer\/live\/attic-file)/,
  snappy: /^shared\/log\/kafka|^services\/collector\/wire\/compression/,
  'lz4-napi': /^shared\/log\/kafka/,
  chdb: /^shared\/store\/chdb/,
  '@clickhouse/client': /^shared\/store\//,
  fastify: /^shared\/http/,
  '@fastify/swagger': /^services\/api\/openapi\.ts$/,
  pino: /^shared\/logger\.ts$/,
  'prom-client': /^shared\/metrics\.ts$/,
  commander: /^services\/cli/,
  yaml: /^shared\/config\.ts$/,
  undici: /^services\/notifier\/http-sender\.ts$|^services\/cli|^services\/api\/client/,
};

function importsOf(text: string): readonly string[] {
  const statements = text.matchAll(/^(?:import|export)\s[^;]*?from\s+'([^']+)'|import\('([^']+)'\)/gm);
  return [...statements].map((match) => match[1] ?? match[2] ?? '');
}

test('Node is the pinned one', () => {
  expect(process.versions.node.split('.')[0]).toBe('24');
});

describe.each(sources)('%s', (path) => {
  const text = read(path);
  const lines = text.split('\n');

  test('is no longer than a file may be', () => {
    expect(lines.length - 1).toBeLessThanOrEqual(path.startsWith('test/') ? testFileLinesMax : fileLinesMax);
  });

  test('has a name that says what it holds', () => {
    expect(path).not.toMatch(/(^|\/)(utils?|helpers?|common|types|misc)(\/|\.ts$)/);
  });

  test('reads the environment only where configuration is read', () => {
    const mayRead = /^(services\/cli|test\/)/.test(path);
    expect(mayRead || !/\bprocess\.env\b/.test(text)).toBe(true);
  });

  test('makes room in a table before it reads the array to write to', () => {
    // Where `at` stands in the brackets, the array is taken before `at` may replace it, and the write is lost.
    expect(text).not.toMatch(/\b(\w+)\.data\[\1\.at\([^;\n]*\] = [^=]/);
  });

  test('has no focused, skipped or unfinished part', () => {
    if (path === 'test/tidy.test.ts') return;
    expect(text).not.toMatch(/\b(TODO|FIXME|XXX)\b|\b(test|describe|it)\.only\(|\bdebugger\b/);
    expect(text).not.toMatch(/\b(test|describe|it)\.skip\(/);
  });
});

describe.each(product)('%s', (path) => {
  const imports = importsOf(read(path));

  test('imports each external package only in its home', () => {
    for (const name of imports) {
      const home =
        packageHomes[name.startsWith('@') ? name.split('/', 2).join('/') : (name.split('/')[0] ?? name)];
      if (home !== undefined)
        expect(`${path} imports ${name}: ${home.test(path)}`).toBe(`${path} imports ${name}: true`);
    }
  });

  test('stays within its layer', () => {
    const layer = path.split('/', 2);
    const service = layer[0] === 'services' && path.split('/').length > 2 ? layer[1] : undefined;
    if (service === undefined || service === 'cli') return; // the command line joins the services
    for (const name of imports.filter((candidate) => candidate.startsWith('.'))) {
      const target = new URL(name, `file:///${dirname(path)}/`).pathname.slice(1);
      expect(`${path} → ${target}`).toMatch(new RegExp(` → services/${service}/`));
    }
  });
});

test('every unit test mirrors a source file', () => {
  const tests = sources.filter((path) => path.startsWith('test/unit/') && path.endsWith('.test.ts'));
  const orphans = tests.filter((path) => {
    const mirrored = path.replace('test/unit/', '').replace(/\.test\.ts$/, '.ts');
    return !product.includes(mirrored);
  });
  expect(orphans).toEqual([]);
});

test('plugin folders hold an interface, an index and plugins that the index lists', () => {
  for (const index of product.filter((path) =>
    /(formats|schemas|detectors|targets)\/index\.ts$/.test(path),
  )) {
    const folder = dirname(index);
    const listed = importsOf(read(index)).map((name) => basename(name));
    const files = product.filter((path) => dirname(path) === folder).map((path) => basename(path));
    const unlisted = files.filter((file) => file !== 'index.ts' && !listed.includes(file));
    expect(unlisted.filter((file) => !/^(format|schema|detector|target)\.ts$/.test(file))).toEqual([]);
  }
});
