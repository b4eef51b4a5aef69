import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';
import type { Store } from './store.ts';

/** One numbered file of `schema/`. */
export interface SchemaFile {
  readonly version: number;
  /** `0001-events.sql` */
  readonly name: string;
  readonly statements: readonly string[];
  /** SHA-256 of the text, hexadecimal. */
  readonly checksum: string;
}

const versionsTable = `CREATE TABLE IF NOT EXISTS schema_versions
(
    version UInt32,
    name String,
    checksum String,
    applied_at DateTime('UTC') DEFAULT now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY version`;

/**
 * The schema of this version of Amiss, in order.
 *
 * @throws {AppError} STORE_SCHEMA: the numbers are not 1, 2, 3, ...
 */
export function readSchema(folder: URL = new URL('schema/', import.meta.url)): readonly SchemaFile[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) {
      throw new AppError(
        'STORE_SCHEMA',
        `schema file ${name} should have the number ${index + 1}; rename it so that no number is missing`,
      );
    }
    const text = readFileSync(new URL(name, folder), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    return { version, name, statements: statementsOf(text), checksum };
  });
}

/**
 * Brings the store's tables to the given schema: applies what is missing, in order, and records it. Safe to run in
 * several processes at once, and again after a crash in the middle: every statement is repeatable.
 *
 * @throws {AppError} STORE_SCHEMA: the store has a newer schema, or a file was altered after it had been applied
 */
export async function applySchema(store: Store, files: readonly SchemaFile[]): Promise<void> {
  await store.command({ sql: versionsTable });
  const applied = await store.query<{ version: number; name: string; checksum: string }>({
    sql: 'SELECT version, name, checksum FROM schema_versions FINAL ORDER BY version',
  });
  for (const row of applied) refuseForeign(row, files[row.version - 1]);
  const known = new Set(applied.map((row) => row.version));
  for (const file of files.filter((candidate) => !known.has(candidate.version))) {
    for (const sql of file.statements) await store.command({ sql });
    const { version, name, checksum } = file;
    await store.insert({
      table: 'schema_versions',
      rows: Buffer.from(`${JSON.stringify({ version, name, checksum })}\n`),
      token: `schema/${version}`,
    });
  }
}

function refuseForeign(
  row: { readonly version: number; readonly name: string; readonly checksum: string },
  file: SchemaFile | undefined,
): void {
  if (file === undefined) {
    throw new AppError(
      'STORE_SCHEMA',
      `the store has schema ${row.name}, which this version of Amiss does not know; run the version that wrote it ` +
        'or a newer one, or point store.database at another database',
    );
  }
  if (row.checksum !== file.checksum || row.name !== file.name) {
    throw new AppError(
      'STORE_SCHEMA',
      `schema file ${file.name} is not the ${row.name} that the store was made with (checksum ` +
        `${file.checksum.slice(0, 12)}, applied ${row.checksum.slice(0, 12)}); restore the file and put the change into ` +
        'a new file with the next number',
    );
  }
}

/** A statement ends with a semicolon at the end of a line; our files hold none inside a text. */
function statementsOf(text: string): readonly string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
