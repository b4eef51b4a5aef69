import type { Ranking } from '../../../shared/stats/ranking.ts';

/** A line in the unit square, and what its axes mean. */
export interface Curve {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** What 1 stands for on the x axis. */
  readonly xMax?: number;
}

const pointsMax = 400;

/** Recall over the false-positive rate. */
export function rocCurve(title: string, { positives, negatives }: Ranking): Curve {
  const last = positives.length - 1;
  const step = Math.max(1, Math.floor(positives.length / pointsMax));
  const points: (readonly [number, number])[] = [[0, 0]];
  for (let i = 0; i <= last; i += step) {
    points.push([(negatives[i] ?? 0) / (negatives[last] ?? 1), (positives[i] ?? 0) / (positives[last] ?? 1)]);
  }
  points.push([1, 1]);
  return { title, x: 'false-positive rate', y: 'recall', points };
}

const size = { width: 460, height: 340, left: 56, right: 16, top: 36, bottom: 46 } as const;
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** The curve as an SVG picture that reads in light and dark. */
export function pictureOf(curve: Curve): string {
  const at = (x: number, y: number) =>
    `${(size.left + x * inner.width).toFixed(1)},${(size.top + (1 - y) * inner.height).toFixed(1)}`;
  const line = curve.points.map(([x, y]) => at(x, y)).join(' ');
  const grid = ticks.flatMap((tick) => [
    `<polyline class="grid" points="${at(0, tick)} ${at(1, tick)}"/>`,
    `<polyline class="grid" points="${at(tick, 0)} ${at(tick, 1)}"/>`,
    text(size.left - 8, size.top + (1 - tick) * inner.height + 4, 'end', String(tick)),
    text(
      size.left + tick * inner.width,
      size.height - size.bottom + 18,
      'middle',
      String(tick * (curve.xMax ?? 1)),
    ),
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    '<style>.grid{stroke:#8884;fill:none}.line{stroke:#2563eb;stroke-width:2;fill:none}text{fill:#666}</style>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...grid,
    `<polyline class="line" points="${line}"/>`,
    text(size.left + inner.width / 2, 20, 'middle', curve.title),
    text(size.left + inner.width / 2, size.height - 8, 'middle', curve.x),
    `<g transform="translate(14 ${size.top + inner.height / 2}) rotate(-90)">${text(0, 0, 'middle', curve.y)}</g>`,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, anchor: string, content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

/** A file name for a curve: `agentdojo, hijacked against benign` → `agentdojo-hijacked-against-benign.svg`. */
export function fileNameOf(curve: Curve): string {
  return `${curve.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
}
