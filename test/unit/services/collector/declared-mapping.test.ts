import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { loadConfig } from '#shared/config.ts';
import { compileMapping, createMapRecord, schemas } from '../../../../services/collector/schemas/index.ts';
import { collectorSettings } from '../../../../services/collector/settings.ts';

const schema = Type.Object({ collector: collectorSettings });
const documentation = readFileSync(new URL('../../../../docs/schemas.md', import.meta.url), 'utf8');

/** The configuration in a file with this text. */
function configOf(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-'));
  try {
    const file = join(folder, 'amiss.yaml');
    writeFileSync(file, yaml);
    return loadConfig(schema, { file, environment: {} });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the mapping of the documentation makes the event that it shows', () => {
  const [yaml, record, event] = [...documentation.matchAll(/<!-- example -->\n+```\w+\n([\s\S]*?)```/g)].map(
    (match) => match[1] ?? '',
  );
  const { mappings } = configOf(yaml ?? '').collector;
  const mapRecord = createMapRecord(mappings.map(compileMapping));
  const context = { receivedAt: 0, digest: (value: string) => value, hashResources: false };
  expect(mapRecord(JSON.parse(record ?? ''), {}, context)).toEqual([
    { kind: 'event', clientId: 'p-1', event: JSON.parse(event ?? '') },
  ]);
});

test('the documentation lists every schema', () => {
  for (const { name } of schemas) expect(documentation).toContain(`| \`${name}\` |`);
});

test('a mapping with a key that there is not is refused by name', () => {
  expect(() =>
    configOf('collector:\n  mappings:\n    - name: m\n      feilds: {}\n      fields: {}\n'),
  ).toThrow(/collector\.mappings\.0/);
});
