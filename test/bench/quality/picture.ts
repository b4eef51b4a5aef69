import type { Ranking } from '../../../shared/stats/ranking.ts';

/** Lines over two axes, and what they mean. */
export interface Curve {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
}

interface Axis {
  readonly label: string;
  /** Ascending; the first and the last are the ends of the axis. Above 0 where it is logarithmic. */
  readonly ticks: readonly number[];
  readonly isLog?: boolean;
}

interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A bar to compare with: drawn grey and dashed, and not named. */
  readonly isReference?: boolean;
}

const pointsMax = 400;
const quarters = [0, 0.25, 0.5, 0.75, 1];

/** Recall over the false-positive rate. */
export function rocCurve(title: string, { positives, negatives }: Ranking): Curve {
  const last = positives.length - 1;
  const step = Math.max(1, Math.floor(positives.length / pointsMax));
  const points: (readonly [number, number])[] = [[0, 0]];
  for (let i = 0; i <= last; i += step) {
    points.push([(negatives[i] ?? 0) / (negatives[last] ?? 1), (positives[i] ?? 0) / (positives[last] ?? 1)]);
  }
  points.push([1, 1]);
  return {
    title,
    x: { label: 'false-positive rate', ticks: quarters },
    y: { label: 'recall', ticks: quarters },
    lines: [{ name: 'recall', points }],
  };
}

const size = { width: 480, height: 340, left: 64, right: 16, top: 36, bottom: 46 } as const;
const inner = { width: size.width - size.left - size.right, height: size.height - size.top - size.bottom };
// Colours that differ for the colour-blind, too. @source Okabe & Ito 2008
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** The curve as an SVG picture. */
export function pictureOf({ title, x, y, lines }: Curve): string {
  const left = (value: number) => size.left + placeOn(x, value) * inner.width;
  const top = (value: number) => size.top + (1 - placeOn(y, value)) * inner.height;
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([px, py]) => `${left(px).toFixed(1)},${top(py).toFixed(1)}`).join(' ');
  const [x0, x1, y0, y1] = [x.ticks[0] ?? 0, x.ticks.at(-1) ?? 1, y.ticks[0] ?? 0, y.ticks.at(-1) ?? 1];
  const grid = [
    ...y.ticks.flatMap((tick) => [
      `<polyline class="grid" points="${path([
        [x0, tick],
        [x1, tick],
      ])}"/>`,
      text(size.left - 8, top(tick) + 4, 'end', String(tick)),
    ]),
    ...x.ticks.flatMap((tick) => [
      `<polyline class="grid" points="${path([
        [tick, y0],
        [tick, y1],
      ])}"/>`,
      text(left(tick), size.height - size.bottom + 18, 'middle', String(tick)),
    ]),
  ];
  const measured = lines.filter(({ isReference }) => isReference !== true);
  const drawn = [
    ...lines
      .filter((line) => !measured.includes(line))
      .map(({ points }) => `<polyline class="bar" points="${path(points)}"/>`),
    ...measured.map(
      ({ points }, i) => `<polyline class="line" stroke="${colourOf(i)}" points="${path(points)}"/>`,
    ),
  ];
  const width = size.width + (measured.length > 1 ? legendWidth : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height}" font-family="sans-serif" font-size="12">`,
    '<style>.grid{stroke:#8884;fill:none}.line{stroke-width:2;fill:none}.bar{stroke:#888;stroke-dasharray:5 4;fill:none}text{fill:#555}</style>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...grid,
    ...drawn,
    ...(measured.length > 1 ? legendOf(measured) : []),
    text(size.left + inner.width / 2, 20, 'middle', title),
    text(size.left + inner.width / 2, size.height - 8, 'middle', x.label),
    `<g transform="translate(14 ${size.top + inner.height / 2}) rotate(-90)">${text(0, 0, 'middle', y.label)}</g>`,
    '</svg>\n',
  ].join('\n');
}

const colourOf = (line: number) => colours[line % colours.length] ?? '#000';

/** Where a value lies on its axis, 0 to 1; beyond the ends it is drawn at the end. */
function placeOn({ ticks, isLog }: Axis, value: number): number {
  const scaled = (number: number) => (isLog === true ? Math.log(Math.max(number, Number.MIN_VALUE)) : number);
  const [first, last] = [scaled(ticks[0] ?? 0), scaled(ticks.at(-1) ?? 1)];
  return Math.min(1, Math.max(0, (scaled(value) - first) / (last - first)));
}

const legendWidth = 150;
const legendLine = 18;

/** Names of the lines, right of the picture. */
function legendOf(lines: readonly Line[]): readonly string[] {
  return lines.flatMap(({ name }, i) => {
    const at = size.top + 12 + i * legendLine;
    return [
      `<line x1="${size.width}" x2="${size.width + 16}" y1="${at - 4}" y2="${at - 4}" stroke="${colourOf(i)}" stroke-width="2"/>`,
      text(size.width + 22, at, 'start', name),
    ];
  });
}

function text(x: number, y: number, anchor: string, content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

/** A file name for a curve: `agentdojo, hijacked against benign` → `agentdojo-hijacked-against-benign.svg`. */
export function fileNameOf(curve: Curve): string {
  return `${curve.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
}
