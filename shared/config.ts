import { readFileSync } from 'node:fs';
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Convert, Create, Default, Errors } from 'typebox/value';
import { parseAllDocuments, parseDocument } from 'yaml';
import { AppError, messageOf } from './errors.ts';

export interface ConfigSources {
  /** Path of `amiss.yaml`, or `undefined` when there is none. */
  readonly file: string | undefined;
  /** The variables of the process, or a test's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settings of the command line by dotted key (`listen`, `log.kind`): they win over file and environment. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** Marks a setting that is never printed: `secret(Type.String({ default: '' }))`. */
export function secret<T extends TSchema>(schema: T): T {
  return { ...schema, isSecret: true };
}

/**
 * Reads the configuration once: defaults of the schema, then the file, then `AMISS_*` variables (`log.kind` is
 * `AMISS_LOG_KIND`; `AMISS_LOG_KIND__FILE` names a file that holds the value), then the command line.
 *
 * @param schema an object of sections, each setting with a `default`
 * @returns frozen settings
 * @throws {AppError} CONFIG_INVALID, one line for each fault: key, what is wrong, what is allowed
 */
export function loadConfig<T extends TObject>(schema: T, sources: ConfigSources): Static<T> {
  const settings = settingsOf(schema, '');
  const merged = structuredClone(Create(schema)) as Record<string, unknown>;
  const faults: string[] = [];
  if (sources.file !== undefined) mergeFile(merged, readYaml(sources.file), '', schema, faults);
  for (const [key, value] of environmentValues(settings, sources.environment, faults)) {
    setAt(merged, key, value);
  }
  for (const [key, value] of Object.entries(sources.overrides ?? {})) {
    if (value !== undefined) setAt(merged, key, value);
  }
  // Items of lists have defaults too, which only show once the list is there.
  const converted = Convert(schema, Default(schema, merged));
  for (const error of Errors(schema, converted)) faults.push(describeFault(error, schema));
  if (faults.length > 0)
    throw new AppError('CONFIG_INVALID', `the configuration is not valid:\n  ${faults.join('\n  ')}`);
  return deepFreeze(converted) as Static<T>;
}

/** The same settings with every secret masked, for `amiss config print` and for logs. */
export function maskSecrets(schema: TObject, config: unknown): Record<string, unknown> {
  const masked = structuredClone(config) as Record<string, unknown>;
  for (const { key, schema: setting } of settingsOf(schema, '')) {
    const value = getAt(masked, key);
    if ('isSecret' in setting && value !== undefined && value !== '') setAt(masked, key, '********');
    else if (Type.IsArray(setting) && Type.IsObject(setting.items) && Array.isArray(value)) {
      setAt(
        masked,
        key,
        value.map((item) => maskSecrets(setting.items as TObject, item)),
      );
    }
  }
  return masked;
}

interface Setting {
  readonly key: string;
  readonly schema: TSchema;
}

function settingsOf(schema: TObject, prefix: string): readonly Setting[] {
  return Object.entries(schema.properties).flatMap(([name, property]) =>
    Type.IsObject(property)
      ? settingsOf(property, `${prefix}${name}.`)
      : [{ key: prefix + name, schema: property }],
  );
}

function readYaml(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `cannot read the configuration file ${path}: ${messageOf(error)}`);
  }
  return parseYaml(text, path);
}

/**
 * Parses YAML, of which JSON is a part; an empty text is an empty mapping.
 *
 * @param name what the text is, for the error
 * @throws {AppError} CONFIG_INVALID
 */
export function parseYaml(text: string, name: string): unknown {
  const document = parseDocument(text, { maxAliasCount: 100 } as never);
  const fault = document.errors[0];
  if (fault !== undefined) throw new AppError('CONFIG_INVALID', `${name} is not YAML: ${fault.message}`);
  return document.toJS({ maxAliasCount: 100 }) ?? {};
}

/**
 * Parses all documents of a YAML text, of which `---` stands between two; empty ones are left out.
 *
 * @param name what the text is, for the error
 * @throws {AppError} CONFIG_INVALID
 */
export function parseYamlDocuments(text: string, name: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const fault = document.errors[0];
    if (fault !== undefined) throw new AppError('CONFIG_INVALID', `${name} is not YAML: ${fault.message}`);
    return document.toJS({ maxAliasCount: 100 }) ?? [];
  });
}

function mergeFile(
  into: Record<string, unknown>,
  from: unknown,
  prefix: string,
  schema: TObject,
  faults: string[],
): void {
  if (typeof from !== 'object' || from === null || Array.isArray(from)) {
    faults.push(`${prefix || 'the file'}: must be a mapping of keys`);
    return;
  }
  for (const [name, value] of Object.entries(from)) {
    const property = schema.properties[name];
    if (property === undefined) {
      faults.push(
        `${prefix}${name}: no such key; known here: ${Object.keys(schema.properties).sort().join(', ')}`,
      );
    } else if (Type.IsObject(property)) {
      mergeFile(into[name] as Record<string, unknown>, value ?? {}, `${prefix}${name}.`, property, faults);
    } else {
      into[name] = value;
    }
  }
}

function* environmentValues(
  settings: readonly Setting[],
  environment: ConfigSources['environment'],
  faults: string[],
): Generator<[string, unknown]> {
  for (const { key, schema } of settings) {
    const name = environmentName(key);
    const path = environment[`${name}__FILE`];
    let value = environment[name];
    if (path !== undefined) {
      try {
        value = readFileSync(path, 'utf8').trimEnd();
      } catch (error) {
        faults.push(`${key}: cannot read the file that ${name}__FILE names: ${messageOf(error)}`);
        continue;
      }
    }
    if (value === undefined) continue;
    try {
      yield [key, Type.IsArray(schema) ? parseList(value) : value];
    } catch (error) {
      faults.push(`${key}: ${name} is not a list: ${messageOf(error)}`);
    }
  }
}

/** A list in a variable: JSON, or items between commas. */
function parseList(value: string): unknown {
  const trimmed = value.trim();
  if (trimmed.startsWith('[')) return JSON.parse(trimmed);
  return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
}

/** The variable that overrides a key: `log.kind` → `AMISS_LOG_KIND`. */
export function environmentName(key: string): string {
  return `AMISS_${key.replaceAll('.', '_').toUpperCase()}`;
}

function describeFault(
  error: { instancePath: string; message: string; params: unknown },
  schema: TObject,
): string {
  const key = error.instancePath.slice(1).replaceAll('/', '.');
  const setting = settingsOf(schema, '').find((candidate) => candidate.key === key);
  const allowed = (error.params as { allowedValues?: readonly unknown[] }).allowedValues;
  const choice = allowed === undefined ? '' : `; allowed: ${allowed.join(', ')}`;
  const variable = setting === undefined ? '' : ` (${environmentName(key)})`;
  return `${key || 'the configuration'}${variable}: ${error.message}${choice}`;
}

function getAt(target: Record<string, unknown>, key: string): unknown {
  let value: unknown = target;
  for (const name of key.split('.')) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

function setAt(target: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.');
  const last = names.pop() ?? '';
  let at = target;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[last] = value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
