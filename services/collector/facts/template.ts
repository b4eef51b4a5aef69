import { AppError } from '#shared/errors.ts';
import { parseTime } from '../event-time.ts';
import { httpOutcome } from './draft.ts';
import { agentName, hostOf, splitAddress } from './names.ts';
import { templatePath, templateSegment } from './path.ts';
import { at, countOf, numberOf, textOf } from './read.ts';

export type Lookups = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A compiled template: the text for a record, `undefined` where a place in it has no value. */
export type Template = (record: unknown, digest: (value: string) => string) => string | undefined;

type Filter = (value: string, digest: (value: string) => string) => string | undefined;

const simple: Readonly<Record<string, Filter>> = {
  lower: (value) => value.toLowerCase(),
  upper: (value) => value.toUpperCase(),
  trim: (value) => value.trim(),
  path: (value) => templatePath(value),
  segment: (value) => templateSegment(value),
  host: (value) => hostOf(value),
  address: (value) => splitAddress(value).address,
  port: (value) => textOf(splitAddress(value).port),
  agent: (value) => agentName(value),
  digest: (value, digest) => digest(value),
  time: (value) => textOf(parseTime(value)),
  http_outcome: (value) => httpOutcome(countOf(value)),
};

/** Names of the filters, for the documentation and for errors. */
const filterNames = [...Object.keys(simple), 'default:TEXT', 'times:NUMBER', 'lookup:NAME'];

/**
 * Compiles `"{method} {url, path | path}"`: text with places in braces, each a path (or several: the first that has a
 * value) and filters. A template without places is a constant.
 *
 * @throws {AppError} CONFIG_INVALID names the template and the filter, lookup or brace that is wrong
 * @example compileTemplate('{a.b | upper}', {})({ a: { b: 'x' } }, String); // => 'X'
 */
export function compileTemplate(template: string, lookups: Lookups): Template {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '');
  const parts = pieces.map((piece) =>
    piece.startsWith('{') && piece.endsWith('}')
      ? compilePlace(piece.slice(1, -1), template, lookups)
      : piece,
  );
  for (const part of parts)
    if (typeof part === 'string' && /[{}]/.test(part)) throw wrong(template, 'a brace is not closed');
  return (record, digest) => {
    let text = '';
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(record, digest);
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text;
  };
}

function compilePlace(place: string, template: string, lookups: Lookups): Template {
  const [list = '', ...filters] = place.split('|');
  const paths = list.split(',').map((path) => path.trim());
  if (paths.some((path) => path === '')) throw wrong(template, 'a place names no path');
  const defaultFilter = filters.find((filter) => filter.trim().startsWith('default:'));
  const otherwise = defaultFilter?.trim().slice('default:'.length);
  const steps = filters
    .filter((filter) => filter !== defaultFilter)
    .map((filter) => filterOf(filter.trim(), template, lookups));
  return (record, digest) => {
    let value: string | undefined;
    for (const path of paths) {
      value = textOf(at(record, path));
      if (value !== undefined) break;
    }
    for (const step of steps) value = value === undefined ? undefined : step(value, digest);
    return value ?? otherwise;
  };
}

function filterOf(filter: string, template: string, lookups: Lookups): Filter {
  const known = Object.hasOwn(simple, filter) ? simple[filter] : undefined;
  if (known !== undefined) return known;
  const [name, argument = ''] = filter.split(/:(.*)/s);
  if (name === 'times') {
    const factor = numberOf(argument);
    if (factor === undefined) throw wrong(template, `times:${argument} is no number`);
    return (value) => {
      const number = numberOf(value);
      return number === undefined ? undefined : String(number * factor);
    };
  }
  if (name === 'lookup') {
    if (!Object.hasOwn(lookups, argument)) throw wrong(template, `there is no lookup ${argument}`);
    const table = new Map(Object.entries(lookups[argument] ?? {}));
    return (value) => table.get(value) ?? table.get('*');
  }
  throw wrong(template, `there is no filter ${filter}; known: ${filterNames.join(', ')}`);
}

function wrong(template: string, reason: string): AppError {
  return new AppError('CONFIG_INVALID', `template "${template}": ${reason}`);
}
