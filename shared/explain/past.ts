import { numberText, probabilityText } from './number-text.ts';

/**
 * Where a surprise lies among those of the past. The logarithm of the share of past windows that were at least as
 * surprising falls in straight pieces; this is the piece that the surprise lies on.
 */
export interface PastNumbers {
  /** Of how many ordinary windows the past consists, those that the model imagines among them; 0 = there is none. */
  windows: number;
  /** The surprise at which the piece begins, in nats. */
  start: number;
  /** Share of the windows that reached it, in (0, 1]. */
  share: number;
  /** How fast the share falls beyond, in nats for each nat of surprise; 1 = as the model has it. */
  slope: number;
}

export const pastNames = [
  'windows',
  'start',
  'share',
  'slope',
] as const satisfies readonly (keyof PastNumbers)[];

/** The model's own word counts as much as so many windows: with fewer, the past says little of its 98 % quantile. */
export const imaginedWindows = 200;

/**
 * ln of the share of past windows that were at least as surprising as the model finds this one.
 *
 * @param lnP natural logarithm of p, as the model has it
 * @source conformal p-value: Vovk, Gammerman & Shafer 2005, Algorithmic Learning in a Random World, 2.2
 * @example logShareOfPast(-5, { windows: 1000, start: 3, share: 0.1, slope: 1 }); // => Math.log(0.1) - 2
 */
export function logShareOfPast(lnP: number, { start, share, slope }: Readonly<PastNumbers>): number {
  return Math.min(0, Math.log(share) - slope * (-lnP - start));
}

/** The same with its numbers put in, for a person. */
export function tellShareOfPast(lnP: number, numbers: Readonly<PastNumbers>): readonly string[] {
  const { windows, start, share, slope } = numbers;
  if (windows === 0) return ['the group has no past yet: taken as it is'];
  const [from, reached, power] = [probabilityText(-start), numberText(share), numberText(slope)];
  return [
    `of ${numberText(windows)} ordinary windows of its group, ${imaginedWindows} as the model has it, ${numberText(100 * share)} % were as surprising as p = ${from}, ` +
      `and fewer beyond: ${reached} × (${probabilityText(lnP)} / ${from})^${power}`,
  ];
}
