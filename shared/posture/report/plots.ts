import type { GroupScore } from '../assess.ts';
import type { PostureDay } from '../facts.ts';
import type { LearnedMatrix } from '../learned-matrix.ts';
import { changeText, dateOf, escapeHtml, scoreText } from './html.ts';

const barWidth = 360;
const rowHeight = 44;
const valueWidth = 100;

/** Bars of scores below their titles, with a tick where each stood before. */
export function barPlot(title: string, groups: readonly GroupScore[]): string {
  const rows = groups.map((group, index) => {
    const top = index * rowHeight;
    return `<text y="${top + 14}">${escapeHtml(shorten(group.title))}</text>
      <rect class="track" y="${top + 20}" width="${barWidth}" height="14" rx="3"/>${barOf(group, top + 20)}`;
  });
  return figure(title, barWidth + valueWidth, groups.length * rowHeight, rows.join('\n'));
}

function barOf({ score, before, stage }: GroupScore, y: number): string {
  if (score === null) return `<text class="soft" x="${barWidth + 8}" y="${y + 11}">not measured</text>`;
  const tickX = ((before ?? 0) / 100) * barWidth;
  const tick =
    before === null ? '' : `<line class="tick" x1="${tickX}" x2="${tickX}" y1="${y - 3}" y2="${y + 17}"/>`;
  const change = `<tspan class="soft">${changeText(score, before)}</tspan>`;
  return `<rect class="bar ${stage}" y="${y}" width="${(score / 100) * barWidth}" height="14" rx="3"/>${tick}
    <text x="${barWidth + 8}" y="${y + 12}">${scoreText(score)} ${change}</text>`;
}

const plotWidth = 560;
const plotHeight = 180;
const margin = { left: 46, right: 12, top: 12, bottom: 26 };

/** Two shares over the days of the period. */
export function dayPlot(title: string, days: readonly PostureDay[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || days.length < 2) return '';
  const x = (time: number) =>
    margin.left + ((time - first.time) / (last.time - first.time)) * (plotWidth - margin.left - margin.right);
  const y = (share: number) => margin.top + (1 - share) * (plotHeight - margin.top - margin.bottom);
  const line = (name: string, read: (day: PostureDay) => number | null) => {
    const points = days.flatMap((day) => {
      const share = read(day);
      return share === null ? [] : [`${x(day.time).toFixed(1)},${y(share).toFixed(1)}`];
    });
    return points.length < 2 ? '' : `<polyline class="line ${name}" points="${points.join(' ')}"/>`;
  };
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${margin.left}" x2="${plotWidth - margin.right}" y1="${y(share)}" y2="${y(share)}"/>
      <text class="label soft" x="${margin.left - 6}" y="${y(share) + 4}">${share * 100} %</text>`,
  );
  const ends = `<text class="soft" x="${margin.left}" y="${plotHeight - 6}">${dateOf(first.time)}</text>
    <text class="label soft" x="${plotWidth - margin.right}" y="${plotHeight - 6}">${dateOf(last.time)}</text>`;
  const key = `<text class="soft" x="${plotWidth / 2 - 110}" y="${plotHeight - 6}"><tspan class="key encrypted">■</tspan> encrypted  <tspan class="key proven">■</tspan> caller proven</text>`;
  const lines = line('encrypted', (day) => day.encrypted) + line('proven', (day) => day.proven);
  return figure(title, plotWidth, plotHeight, [...grid, lines, ends, key].join('\n'));
}

const zonesMax = 16;
const cellSize = 34;

/** Who talks to whom by zones: the darker, the more calls (by logarithm). */
export function matrixPlot(title: string, matrix: LearnedMatrix): string {
  const zones = [...new Set(matrix.cells.flatMap((cell) => [cell.from, cell.to]))].slice(0, zonesMax).sort();
  if (zones.length === 0) return '';
  const most = Math.log1p(Math.max(...matrix.cells.map((cell) => cell.calls)));
  const left = 120;
  const top = 96;
  const at = (zone: string) => zones.indexOf(zone) * cellSize;
  const cells = matrix.cells
    .filter((cell) => zones.includes(cell.from) && zones.includes(cell.to))
    .map((cell) => {
      const opacity = (0.12 + 0.88 * (Math.log1p(cell.calls) / most)).toFixed(2);
      const name = `${cell.from} → ${cell.to}: ${cell.calls.toLocaleString('en')} calls, ${cell.edges} edges`;
      return `<rect class="cell" x="${left + at(cell.to)}" y="${top + at(cell.from)}" width="${cellSize - 2}" height="${cellSize - 2}" rx="3" opacity="${opacity}"><title>${escapeHtml(name)}</title></rect>`;
    });
  const labels = zones.map((zone) => {
    const text = escapeHtml(shorten(zone, 16));
    const x = left + at(zone) + cellSize / 2;
    return `<text class="label" x="${left - 8}" y="${top + at(zone) + 21}">${text}</text>
      <text transform="translate(${x},${top - 8}) rotate(-45)">${text}</text>`;
  });
  const size = zones.length * cellSize;
  return figure(title, left + size + 80, top + size + 8, [...labels, ...cells].join('\n'));
}

function figure(title: string, width: number, height: number, body: string): string {
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
    <svg viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="${escapeHtml(title)}">${body}</svg></figure>`;
}

function shorten(text: string, charactersMax = 68): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
