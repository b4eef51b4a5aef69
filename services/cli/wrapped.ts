/**
 * Text cut into lines at its spaces. A word that is longer than a line has one of its own.
 *
 * @param width characters of a line at the most
 * @param indent spaces before every line but the first
 * @example wrapped('one two three', 7, 2); // => ['one two', '  three']
 */
export function wrapped(text: string, width: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = text.slice(0, text.search(/\S|$/)); // spaces in front are kept
  let isStarted = false;
  for (const word of text.trim().split(/ +/)) {
    if (isStarted && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else {
      line += isStarted ? ` ${word}` : word;
    }
    isStarted = true;
  }
  return [...lines, line];
}
