import { type JsonObject, textOf } from '#shared/json.ts';

export { isObject, type JsonObject, listOf, objectOf, textOf } from '#shared/json.ts';

/** A finite number, also from its decimal text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || !/^\s*[-+]?\d/.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A whole number from 0 up: bytes, ports. Fractions are rounded, what is negative is absent. */
export function countOf(value: unknown): number | undefined {
  const number = numberOf(value);
  return number === undefined || number < 0 || number > Number.MAX_SAFE_INTEGER
    ? undefined
    : Math.round(number);
}

/** A truth value, also from the words that logs use for it. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'T') return true;
  return value === 'false' || value === 'F' ? false : undefined;
}

/**
 * The value at a dotted path, where each step may be a key of its own (`{"a":{"b":1}}`) or the path may be one
 * dotted key (`{"a.b":1}`), as ECS and OTel write it. Only own keys count; `items.0` is the first of a list.
 */
export function at(record: unknown, path: string): unknown {
  return follow(record, splitsOf(path));
}

/** A path and the ways to read it: as one key, or as a first key and the rest. */
interface Path {
  readonly whole: string;
  readonly splits: readonly { readonly head: string; readonly rest: Path }[];
}

/** Paths are constants of the code or of the configuration: beyond this many they are split each time. */
const pathsMax = 4096;
const paths = new Map<string, Path>();

function splitsOf(path: string): Path {
  const known = paths.get(path);
  if (known !== undefined) return known;
  const splits: { head: string; rest: Path }[] = [];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1))
    splits.push({ head: path.slice(0, dot), rest: splitsOf(path.slice(dot + 1)) });
  const made = { whole: path, splits };
  if (paths.size < pathsMax) paths.set(path, made);
  return made;
}

function follow(value: unknown, path: Path): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path.whole)) return (value as JsonObject)[path.whole];
  for (const { head, rest } of path.splits) {
    if (!Object.hasOwn(value, head)) continue;
    const found = follow((value as JsonObject)[head], rest);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text at the first of the paths that has one. */
export function textAt(record: unknown, ...paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const value = textOf(at(record, path));
    if (value !== undefined) return value;
  }
  return undefined;
}
