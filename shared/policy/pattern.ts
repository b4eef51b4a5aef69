/** Does a text match? Made by `compilePattern`. */
export type Matcher = (text: string) => boolean;

/**
 * Compiles a pattern in which `*` stands for any run of characters and everything else for itself. Matching takes
 * time linear in text and pattern: there is no regular expression that a long text could blow up.
 *
 * @example compilePattern('payments-*')('payments-7'); // => true
 */
export function compilePattern(pattern: string): Matcher {
  const pieces = pattern.split('*');
  if (pieces.length === 1) return (text) => text === pattern;
  if (pattern === '*') return () => true;
  const head = pieces[0] ?? '';
  const tail = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1);
  return (text) => {
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail))
      return false;
    let at = head.length;
    const end = text.length - tail.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** One matcher for a list of patterns: literals by a set, the rest one after another. An empty list matches nothing. */
export function compilePatterns(patterns: readonly string[]): Matcher {
  const literals = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const matchers = patterns.filter((pattern) => pattern.includes('*')).map(compilePattern);
  return (text) => literals.has(text) || matchers.some((matches) => matches(text));
}
