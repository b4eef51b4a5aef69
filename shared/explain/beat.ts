import { logAddExp } from '#shared/stats/log-add-exp.ts';
import { logRegularity, unevennessOf } from '#shared/stats/log-regularity.ts';
import { formula } from './formula.ts';
import { numberText, probabilityText } from './number-text.ts';

/** A train of beats: how even it is, how common clocks are in its group, and how much it is worth looking at. */
export interface BeatNumbers {
  /** Intervals, Σ of them in ms, Σ of their natural logs. */
  count: number;
  sum: number;
  logSum: number;
  /** How many trains of the group, on edges as new or old as this one, were judged, and how many were regular. */
  judged: number;
  regular: number;
  /** Members of the group that call the destination, and members at all. */
  callers: number;
  members: number;
  /** Whole trains that the edge has had before. */
  age: number;
  /** Σ of the weights of the group's trains, and how many. */
  weights: number;
  weighed: number;
}

const names = [
  'count',
  'sum',
  'logSum',
  'judged',
  'regular',
  'callers',
  'members',
  'age',
  'weights',
  'weighed',
] as const satisfies readonly (keyof BeatNumbers)[];

/** An object for the numbers of a train, to be filled again and again. */
export function emptyBeat(): BeatNumbers {
  return {
    count: 0,
    sum: 0,
    logSum: 0,
    judged: 0,
    regular: 0,
    callers: 1,
    members: 1,
    age: 0,
    weights: 0,
    weighed: 0,
  };
}

/** A train is looked at three times, so that a clock without jitter need not be waited for. */
export const looksPerTrain = 3;
// A perfect clock has a p of 0, of which there is no logarithm.
const lnPMin = -700;
// RITA's thresholds of prevalence: whom half of the group calls is common, whom 2 % call is as rare as can be.
const rarityMin = 2;
const rarityMax = 50;
// Either a group has clocks or it has none: a prior that one train outweighs.
const priorTrains = 1;
const priorRegular = 1e-4;

/** What a train is worth looking at: more on a new edge, more towards somebody whom few of the group call. */
export function beatWeight({ callers, members, age }: Readonly<BeatNumbers>): number {
  return Math.min(rarityMax, Math.max(rarityMin, members / callers)) / (1 + age);
}

/**
 * How often chance is so even at any of a train's looks, for each time that it is at one: a look sees again what the
 * look before it saw, and trains that a rest ends, which are uneven ones, are never seen whole. Within 2 % of what 20
 * million memoryless intervals gave for p from 0.1 to 1e-4.
 */
const looksWorth = (lnP: number) => looksPerTrain - Math.exp(lnP / 4);

const byChanceOf = (numbers: Readonly<BeatNumbers>): number => {
  const lnP = Math.max(lnPMin, logRegularity(numbers));
  return lnP + Math.log(looksWorth(lnP));
};
const shareOf = ({ judged, regular }: Readonly<BeatNumbers>) =>
  Math.min(1, (regular + priorRegular) / (judged + priorTrains));
/** In units of the group's mean: with weights of mean 1 the p-values stay true. */
const relativeWeightOf = (numbers: Readonly<BeatNumbers>) => {
  const own = beatWeight(numbers);
  return own / ((numbers.weights + own) / (numbers.weighed + 1));
};

/**
 * ln of how often a train of the group is as even, by chance or because the group has clocks; weighted by rarity.
 *
 * @source Moran's statistic with Bartlett's correction: detection reference, 2.4; weights: Genovese, Roeder &
 *   Wasserman 2006, Biometrika 93(3)
 */
export function logBeat(numbers: Readonly<BeatNumbers>): number {
  const either = logAddExp(Math.log(shareOf(numbers)), byChanceOf(numbers));
  return Math.min(0, either - Math.log(relativeWeightOf(numbers)));
}

export const beat = formula({ names, compute: logBeat, tell });

function tell(numbers: Readonly<BeatNumbers>): readonly string[] {
  const { count, sum, logSum, judged, regular, callers, members, age } = numbers;
  const [mean, unevenness] = [sum / count, unevennessOf({ count, sum, logSum })];
  return [
    `${count} intervals, on average ${numberText(mean / 1000)} s; unevenness ln(mean) − mean(ln) = ${numberText(unevenness)}, ` +
      `where chance arrivals show 0.577`,
    `by chance so even: Moran's χ² with ${count - 1} degrees of freedom: p = ${probabilityText(logRegularity(numbers))}; of ` +
      `${looksPerTrain} looks at a train each sees much of what the one before saw: × (${looksPerTrain} − p^¼) = ` +
      `${probabilityText(byChanceOf(numbers))}`,
    `because the group has clocks: ${numberText(regular)} of its ${numberText(judged)} such trains were regular: ` +
      `p = (${numberText(regular)} + ${priorRegular}) / (${numberText(judged)} + ${priorTrains}) = ${numberText(shareOf(numbers))}`,
    `weight: ${numberText(callers)} of ${numberText(members)} of the group call the destination, ` +
      `${numberText(age)} trains before on this edge: ${numberText(relativeWeightOf(numbers))} times the group's mean`,
    `both added, and divided by the weight`,
  ];
}
