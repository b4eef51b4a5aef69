import { AppError, messageOf } from '#shared/errors.ts';
import { type AmissEvent, eventFields } from '#shared/event.ts';
import type { Mapping } from '../declared-mapping.ts';
import { fieldRules } from '../event-fields.ts';
import { type Found, reject, toEvent } from '../facts/draft.ts';
import { at, isObject, textOf } from '../facts/read.ts';
import { compileTemplate, type Template } from '../facts/template.ts';
import type { MapContext, Schema, SchemaOutcome } from './schema.ts';

/** Characters of a line that a pattern is tried on: a bound for expressions that backtrack. */
const lineCharactersMax = 8192;
// What a mapping cannot fill: the collector's own fields, and the two that are lists of templates.
const notMapped = new Set(['received_at', 'space', 'shipper', 'resources', 'attributes']);
const mappable = eventFields.filter((name) => !notMapped.has(name));

/**
 * Makes a schema of a mapping in `amiss.yaml`.
 *
 * @throws {AppError} CONFIG_INVALID a field that an event does not have, a template or a pattern that is wrong
 */
export function compileMapping(mapping: Mapping): Schema {
  const compile = (text: string) => compileTemplate(text, mapping.lookups ?? {});
  const fields = Object.entries(mapping.fields).map(([name, text]) => {
    if (!mappable.includes(name as keyof AmissEvent))
      throw wrong(
        mapping,
        `an event has no field ${name} that a mapping may fill; known: ${mappable.join(', ')}`,
      );
    return [name, compile(text)] as const;
  });
  for (const name of ['source', 'destination'])
    if (mapping.fields[name] === undefined) throw wrong(mapping, `fields.${name} is missing`);
  const attributes = Object.entries(mapping.attributes ?? {}).map(
    ([name, text]) => [name, compile(text)] as const,
  );
  const resources = (mapping.resources ?? []).map(compile);
  const conditions = Object.entries(mapping.when ?? {});
  const pattern = mapping.pattern === undefined ? undefined : compilePattern(mapping, mapping.pattern);
  const parse = (record: unknown) => (pattern === undefined ? record : groupsOf(record, pattern));
  return {
    name: mapping.name,
    summary: 'A mapping of the operator',
    source: 'collector.mappings in amiss.yaml',
    recognises: (record) => {
      const given = parse(record);
      return isObject(given) && conditions.every(([path, wanted]) => holds(at(given, path), wanted));
    },
    map: (record, hint, context) => {
      const given = parse(record);
      const read = readAll(fields, given, context);
      if (!read.ok) return [reject(read.reason)];
      const { id, ...found } = read.values;
      const extra = attributes.map(([name, template]) => [name, template(given, context.digest)] as const);
      return [
        toEvent(
          {
            ...(found as Found),
            clientId: textOf(id),
            resources: resources.flatMap((template) => template(given, context.digest) ?? []),
            attributes: Object.fromEntries(
              extra.filter((entry): entry is [string, string] => entry[1] !== undefined),
            ),
          },
          hint,
          context,
        ),
      ] satisfies readonly SchemaOutcome[];
    },
  };
}

type Read =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** Fills the fields and checks each by the rule of its kind, so that a wrong lookup is told and not dropped. */
function readAll(
  fields: readonly (readonly [string, Template])[],
  given: unknown,
  context: MapContext,
): Read {
  const values: Record<string, unknown> = {};
  for (const [name, template] of fields) {
    const text = template(given, context.digest);
    if (text === undefined || text === '') continue;
    const rule = fieldRules.get(name);
    const value = rule === undefined ? text : rule.read(text);
    if (value === undefined)
      return { ok: false, reason: `${name}: "${text.slice(0, 60)}" is not ${rule?.wants}` };
    values[name] = value;
  }
  return { ok: true, values };
}

function holds(value: unknown, wanted: string): boolean {
  const text = isObject(value) || Array.isArray(value) ? '' : textOf(value);
  return text !== undefined && (wanted === '*' || text === wanted);
}

function compilePattern(mapping: Mapping, pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    throw wrong(mapping, `pattern: ${messageOf(error)}`);
  }
}

function groupsOf(record: unknown, pattern: RegExp): unknown {
  if (typeof record !== 'string' || record.length > lineCharactersMax) return undefined;
  const groups = pattern.exec(record)?.groups;
  return groups === undefined ? undefined : { ...groups };
}

function wrong(mapping: Mapping, reason: string): AppError {
  return new AppError('CONFIG_INVALID', `collector.mappings, ${mapping.name}: ${reason}`);
}
