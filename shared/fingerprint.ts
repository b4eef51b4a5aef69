import { hash } from 'node:crypto';

/** Beyond this depth a document is not told apart: no card or tool list is nested so deep. */
const depthMax = 32;

/**
 * SHA-256 of a JSON value in canonical form (keys in order, no blanks), as hex: equal for equal documents however
 * they were written.
 *
 * @source RFC 8785 (JSON Canonicalization Scheme), for values without exotic numbers
 */
export function fingerprint(value: unknown): string {
  return hash('sha256', canonical(value, 0), 'hex');
}

function canonical(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (depth >= depthMax) return '"…"';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item, depth + 1)}`).join(',')}}`;
}
