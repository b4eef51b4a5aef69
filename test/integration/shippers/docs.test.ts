import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '#shared/config.ts';
import { settingsSchema } from '../../../services/settings.ts';

const folder = new URL('../../../docs/shippers/', import.meta.url);
const pages = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(new URL(name, folder), 'utf8'),
}));
const settings = pages.flatMap(({ name, text }) =>
  [...text.matchAll(/```yaml\n((?:collector|auth):[\s\S]*?)```/g)].map((match) => ({
    name,
    yaml: match[1] ?? '',
  })),
);
const temporary = mkdtempSync(join(tmpdir(), 'docs-'));
afterAll(() => rmSync(temporary, { recursive: true }));

describe('the pages about shippers', () => {
  test.each(settings)('$name shows settings that there are', ({ yaml }) => {
    const file = join(temporary, 'amiss.yaml');
    const digest = '0'.repeat(64); // the page asks the reader to compute it
    writeFileSync(file, yaml.replace('<printf %s TOKEN | sha256sum>', digest));
    expect(() => loadConfig(settingsSchema, { file, environment: {} })).not.toThrow();
  });

  test.each(pages)('$name points to pages that there are', ({ text }) => {
    for (const [, target = ''] of text.matchAll(/\]\(((?!https?:)[^)#]+)/g))
      expect(() => readFileSync(new URL(target, folder))).not.toThrow();
  });

  test('the list names every page', () => {
    const list = pages.find(({ name }) => name === 'README.md')?.text ?? '';
    for (const { name } of pages.filter((page) => page.name !== 'README.md'))
      expect(list).toContain(`(${name})`);
  });
});
