import { writeFileSync } from 'node:fs';

/** One figure of a benchmark. */
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
  const cells = rows.map((row) => [
    row.name,
    formatValue(row.value),
    row.unit,
    row.bar ?? '',
    row.met === null ? '' : row.met ? 'yes' : 'NO',
    row.anchor ?? '',
  ]);
  const table = [['measure', 'value', 'unit', 'bar', 'met', 'anchor'], ...cells];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table) {
    const line = row.map((cell, column) =>
      column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    process.stdout.write(`${line.join('  ').trimEnd()}\n`);
  }
  const file = flagValue(commandLine, '--json');
  if (file !== undefined) writeFileSync(file, `${JSON.stringify({ rows }, null, 2)}\n`);
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

function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(4)));
}
