const quote = 34;
const backslash = 92;
const lineFeed = 10;

/** Where a JSON object ends: one past its closing brace, or why it has no end. */
export type JsonEnd =
  | { readonly isWhole: true; readonly end: number }
  /** Everything before `seen` was looked at in vain: looking again from within finds no end either. */
  | { readonly isWhole: false; readonly seen: number };

/**
 * Finds the end of the JSON object or array that starts at `from`, by its brackets and strings alone. O(n), no
 * recursion. What lies between must still be parsed: the scanner only says how far it goes.
 *
 * @param from position of `{` or `[`
 * @example jsonEnd('{"a":"}"} {}', 0); // => { isWhole: true, end: 9 }
 */
export function jsonEnd(text: string, from: number): JsonEnd {
  let depth = 0;
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = stringEnd(text, i + 1);
      if (i < 0) return { isWhole: false, seen: text.length };
      if (text.charCodeAt(i) === lineFeed) return { isWhole: false, seen: i };
    } else if (code === 123 || code === 91) {
      depth += 1;
    } else if (code === 125 || code === 93) {
      depth -= 1;
      if (depth === 0) return { isWhole: true, end: i + 1 };
    }
  }
  return { isWhole: false, seen: text.length };
}

/** Position of the closing quote, or of the line feed that no JSON string may hold; -1 where neither comes. */
function stringEnd(text: string, from: number): number {
  for (let i = from; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === quote || code === lineFeed) return i;
    if (code === backslash) i += 1;
  }
  return -1;
}
