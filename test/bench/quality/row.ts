/** One measured figure: the form of every benchmark of Amiss. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is asked for: `>= 0.98`, or null where nothing is. */
  readonly bar: string | null;
  readonly met: boolean | null;
  /** What the best other detector reaches, and which it is. */
  readonly anchor: string | null;
}

type Bar =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly within: readonly [number, number] };

/** A figure that a bar is set for. */
export function barred(
  name: string,
  value: number,
  unit: string,
  bar: Bar & { readonly anchor?: string },
): Row {
  const anchor = bar.anchor ?? null;
  if ('atLeast' in bar)
    return { name, value, unit, bar: `>= ${bar.atLeast}`, met: value >= bar.atLeast, anchor };
  if ('atMost' in bar)
    return { name, value, unit, bar: `<= ${bar.atMost}`, met: value <= bar.atMost, anchor };
  const [low, high] = bar.within;
  return { name, value, unit, bar: `${low} to ${high}`, met: value >= low && value <= high, anchor };
}

/** A figure for the reader, without a bar. */
export function plain(name: string, value: number, unit: string, anchor: string | null = null): Row {
  return { name, value, unit, bar: null, met: null, anchor };
}

/** The rows as a table for the terminal. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['measure', 'value', 'unit', 'bar', 'met', 'anchor'],
    ...rows.map((row) => [
      row.name,
      figure(row.value),
      row.unit,
      row.bar ?? '',
      row.met === null ? '' : row.met ? 'yes' : 'NO',
      row.anchor ?? '',
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((line) => (line[column] ?? '').length)),
  );
  const lines = cells.map((line) =>
    line
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${lines.join('\n')}\n`;
}

/** Four significant digits, whole numbers as they are. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
