import { dateOf } from '../../date-of.ts';
import type { GroupScore, JudgedCell } from '../assess.ts';
import type { PostureDay } from '../facts.ts';
import { stages } from '../principles.ts';
import { changeText, escapeHtml, scoreText } from './html.ts';

/** Bars of scores beside their titles, with a tick where each stood before. */
export function barPlot(title: string, groups: readonly GroupScore[]): string {
  const rows = groups.map((group) => {
    const change = changeText(group.score, group.before);
    const soft = change === '' ? '' : ` <span class="soft">${change}</span>`;
    return `<li><span class="name">${escapeHtml(group.title)}</span>${trackOf(group)}<span class="value">${scoreText(group.score)}${soft}</span></li>`;
  });
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><ul class="bars">${rows.join('\n')}</ul></figure>`;
}

function trackOf({ score, before, stage }: GroupScore): string {
  const bar = score === null ? '' : `<span class="bar ${stage}" style="width:${score}%"></span>`;
  const tick = before === null ? '' : `<span class="tick" style="left:${before}%"></span>`;
  return `<span class="track">${bar}${tick}</span>`;
}

/** Which colour stands for which stage. */
export function stageKey(): string {
  const width = 100 / stages.length;
  const items = stages.map(
    (stage, i) => `<span><i class="${stage}">■</i> ${stage} (${i * width} to ${(i + 1) * width})</span>`,
  );
  return `<p class="key soft">${items.join(' ')}</p>`;
}

const plotWidth = 500;
const plotHeight = 220;
const margin = { left: 64, right: 12, top: 12, bottom: 26 };

/** Lowest shares that a plot may begin with: what stays near the top is seen there. */
const floors = [0.99, 0.9, 0.5, 0];

/** Two shares over the days of the period. */
export function dayPlot(title: string, days: readonly PostureDay[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined || days.length < 2) return '';
  const shares = days.flatMap(({ encrypted, proven }) => [encrypted ?? 1, proven ?? 1]);
  const floor = floors.find((candidate) => Math.min(...shares) >= candidate) ?? 0;
  const x = (time: number) =>
    margin.left + ((time - first.time) / (last.time - first.time)) * (plotWidth - margin.left - margin.right);
  const y = (share: number) =>
    margin.top + ((1 - share) / (1 - floor)) * (plotHeight - margin.top - margin.bottom);
  const line = (name: string, read: (day: PostureDay) => number | null) => {
    const points = days.flatMap((day) => {
      const share = read(day);
      return share === null ? [] : [`${x(day.time).toFixed(1)},${y(share).toFixed(1)}`];
    });
    return points.length < 2 ? '' : `<polyline class="line ${name}" points="${points.join(' ')}"/>`;
  };
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const share = floor + part * (1 - floor);
    const at = y(share).toFixed(1);
    return `<line class="grid" x1="${margin.left}" x2="${plotWidth - margin.right}" y1="${at}" y2="${at}"/>
      <text class="label soft" x="${margin.left - 6}" y="${(y(share) + 4).toFixed(1)}">${Number((share * 100).toFixed(2))} %</text>`;
  });
  const ends = `<text class="soft" x="${margin.left}" y="${plotHeight - 6}">${dateOf(first.time)}</text>
    <text class="label soft" x="${plotWidth - margin.right}" y="${plotHeight - 6}">${dateOf(last.time)}</text>`;
  const lines = line('encrypted', (day) => day.encrypted) + line('proven', (day) => day.proven);
  const key =
    '<p class="key soft"><span><i class="encrypted">■</i> encrypted</span> <span><i class="proven">■</i> caller proven</span></p>';
  return (
    figure(title, { width: plotWidth, height: plotHeight, body: [...grid, lines, ends].join('\n') }) + key
  );
}

const zonesMax = 16;
const cellSize = 32;

/** Who talks to whom by zones: the darker, the more calls (by logarithm); what the policy denies has a frame. */
export function matrixPlot(title: string, cells: readonly JudgedCell[]): string {
  const zones = [...new Set(cells.flatMap((cell) => [cell.from, cell.to]))].slice(0, zonesMax).sort();
  if (zones.length === 0) return '';
  const most = Math.log1p(Math.max(...cells.map((cell) => cell.calls)));
  const left = 112;
  const top = 84;
  const at = (zone: string) => zones.indexOf(zone) * cellSize;
  const squares = cells
    .filter((cell) => zones.includes(cell.from) && zones.includes(cell.to))
    .map((cell) => {
      const opacity = (0.12 + 0.88 * (Math.log1p(cell.calls) / most)).toFixed(2);
      const name = `${cell.from} → ${cell.to}: ${cell.calls.toLocaleString('en')} calls, ${cell.edges} edges, ${cell.verdict}`;
      const place = `x="${left + at(cell.to) + 1}" y="${top + at(cell.from) + 1}" width="${cellSize - 4}" height="${cellSize - 4}" rx="3"`;
      const frame = cell.verdict === 'denied' ? `<rect class="denied" ${place}/>` : '';
      return `<g><title>${escapeHtml(name)}</title><rect class="cell" ${place} opacity="${opacity}"/>${frame}</g>`;
    });
  const labels = zones.map((zone) => {
    const text = escapeHtml(shorten(zone, 14));
    const x = left + at(zone) + cellSize / 2;
    return `<text class="label" x="${left - 8}" y="${top + at(zone) + 20}">${text}</text>
      <text transform="translate(${x},${top - 8}) rotate(-45)">${text}</text>`;
  });
  const size = zones.length * cellSize;
  const lines = zones.map(
    (zone) =>
      `<line class="grid" x1="${left}" x2="${left + size}" y1="${top + at(zone) + cellSize}" y2="${top + at(zone) + cellSize}"/>`,
  );
  const body = [...lines, ...labels, ...squares].join('\n');
  return figure(title, { width: left + size + 60, height: top + size + 4, body });
}

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

function figure(title: string, { width, height, body }: Drawing): string {
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
    <svg viewBox="0 0 ${width} ${height}" style="max-width:${width}px" role="img" aria-label="${escapeHtml(title)}">${body}</svg></figure>`;
}

function shorten(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
