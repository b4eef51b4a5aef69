import { writeFileSync } from 'node:fs';

/** One measured figure: the form of every benchmark of Amiss, in the table and in JSON. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it should be, in words: `>= 150000`; null where there is no bar. */
  readonly bar: string | null;
  /** Is the bar met? null where there is none. */
  readonly met: boolean | null;
  /** What others reach, in words; null where nobody published a figure. */
  readonly anchor: string | null;
}

/** Prints the table that every benchmark here ends with, and writes `--json FILE` where the command line asks. */
export function reportRows(rows: readonly BenchRow[], commandLine: readonly string[]): void {
  process.stdout.write(tableOf(rows));
  const file = flagValue(commandLine, '--json');
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ rows }, null, 2)}\n`);
}

/** The rows as a table for the terminal. */
export function tableOf(rows: readonly BenchRow[]): string {
  const head = ['measure', 'value', 'unit', 'bar', 'met', 'anchor'];
  const cells = rows.map((row) => [
    row.name,
    formatValue(row.value),
    row.unit,
    row.bar ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
    row.anchor ?? '',
  ]);
  const table = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** The value that follows a flag, or `undefined` where the flag is not there. */
export function flagValue(commandLine: readonly string[], flag: string): string | undefined {
  const at = commandLine.indexOf(flag);
  return at < 0 ? undefined : commandLine[at + 1];
}

/** A row with a lower bar. */
export function atLeast(
  name: string,
  value: number,
  unit: string,
  bar: number,
  anchor: string | null = null,
): BenchRow {
  return { name, value, unit, bar: `>= ${formatValue(bar)}`, met: value >= bar, anchor };
}

/** A row with an upper bar. */
export function atMost(
  name: string,
  value: number,
  unit: string,
  bar: number,
  anchor: string | null = null,
): BenchRow {
  return { name, value, unit, bar: `<= ${formatValue(bar)}`, met: value <= bar, anchor };
}

/** A row that is to lie between two bars. */
export function within(
  name: string,
  value: number,
  unit: string,
  [low, high]: readonly [number, number],
  anchor: string | null = null,
): BenchRow {
  return { name, value, unit, bar: `${low} to ${high}`, met: value >= low && value <= high, anchor };
}

/** A figure for the reader, without a bar. */
export function plain(name: string, value: number, unit: string, anchor: string | null = null): BenchRow {
  return { name, value, unit, bar: null, met: null, anchor };
}

function formatValue(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(4)));
}
