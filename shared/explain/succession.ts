import { wittenBell } from '#shared/stats/witten-bell.ts';
import { logCalibrated, type TailNumbers, tailNames, tellCalibration } from './calibration.ts';
import { formula } from './formula.ts';
import { numberText, probabilityText } from './number-text.ts';
import { logUnseen } from './unseen.ts';

/**
 * What followed before, from the general to the particular: anything that the group did, what its members did after
 * the newest step, what the agent did after it, and after the two newest. Of each: how often this step followed, how
 * often anything did, and how many different things. Each observation is in the most particular of them.
 */
export interface SuccessionNumbers {
  anythingCount: number;
  anythingTotal: number;
  anythingKinds: number;
  groupCount: number;
  groupTotal: number;
  groupKinds: number;
  ownCount: number;
  ownTotal: number;
  ownKinds: number;
  pairCount: number;
  pairTotal: number;
  pairKinds: number;
}

const successionNames = [
  'anythingCount',
  'anythingTotal',
  'anythingKinds',
  'groupCount',
  'groupTotal',
  'groupKinds',
  'ownCount',
  'ownTotal',
  'ownKinds',
  'pairCount',
  'pairTotal',
  'pairKinds',
] as const satisfies readonly (keyof SuccessionNumbers)[];

/** An object for the numbers of a step, to be filled again and again. */
export function emptySuccession(): SuccessionNumbers {
  return {
    anythingCount: 0,
    anythingTotal: 0,
    anythingKinds: 0,
    groupCount: 0,
    groupTotal: 0,
    groupKinds: 0,
    ownCount: 0,
    ownTotal: 0,
    ownKinds: 0,
    pairCount: 0,
    pairTotal: 0,
    pairKinds: 0,
  };
}

// A full table knows of no followers: nothing is impossible.
const interpolated = (backOff: number, count: number, total: number, kinds: number) =>
  wittenBell({ count, total, distinct: Math.max(1, kinds) }, backOff);

/** The step's probability after what came before. */
function probabilityOf(numbers: Readonly<SuccessionNumbers>): number {
  const { anythingCount, anythingTotal, anythingKinds, groupCount, groupTotal, groupKinds } = numbers;
  const { ownCount, ownTotal, ownKinds, pairCount, pairTotal, pairKinds } = numbers;
  let probability = interpolated(1 / (1 + anythingKinds), anythingCount, anythingTotal, anythingKinds);
  probability = interpolated(probability, groupCount, groupTotal, groupKinds);
  probability = interpolated(probability, ownCount, ownTotal, ownKinds);
  return interpolated(probability, pairCount, pairTotal, pairKinds);
}

/** How many steps could have come instead. */
function rivalsOf({ ownKinds, groupKinds, anythingKinds }: Readonly<SuccessionNumbers>): number {
  return Math.max(1, ownKinds || groupKinds || anythingKinds);
}

/**
 * ln of the step's probability after what came before, times the number of its rivals: 0 for what is common.
 *
 * @source Witten & Bell 1991, IEEE Transactions on Information Theory 37(4), method C; detection reference, 2.5
 */
export function logSuccession(numbers: Readonly<SuccessionNumbers>): number {
  return Math.min(0, Math.log(probabilityOf(numbers) * rivalsOf(numbers)));
}

/**
 * ln p of a step as its group's past has it, from ln p as the model has it: nothing is less likely than so many steps
 * can know.
 */
export function logKnownStep(lnP: number, numbers: Readonly<TailNumbers>): number {
  return Math.min(0, Math.max(logCalibrated(lnP, numbers), logUnseen(numbers.observed)));
}

export const succession = formula({
  names: [...successionNames, ...tailNames],
  compute: (numbers) => logKnownStep(logSuccession(numbers), numbers),
  tell,
});

function tell(numbers: Readonly<SuccessionNumbers & TailNumbers>): readonly string[] {
  const line = (where: string, count: number, total: number, kinds: number) =>
    `${where}: ${numberText(count)} of ${numberText(total)} steps were this one, ${numberText(kinds)} different ones`;
  const { anythingCount, anythingTotal, anythingKinds, groupCount, groupTotal, groupKinds } = numbers;
  const { ownCount, ownTotal, ownKinds, pairCount, pairTotal, pairKinds } = numbers;
  const lnP = logSuccession(numbers);
  return [
    line('its group, after anything', anythingCount, anythingTotal, anythingKinds),
    line('its group, after the step before', groupCount, groupTotal, groupKinds),
    line('itself, after the step before', ownCount, ownTotal, ownKinds),
    line('itself, after the two steps before', pairCount, pairTotal, pairKinds),
    `each mixed with the line above it by (count + kinds × p above) / (total + kinds): ${numberText(probabilityOf(numbers))}; ` +
      `× ${numberText(rivalsOf(numbers))} rivals = ${probabilityText(lnP)}`,
    ...tellCalibration(lnP, numbers).map((past) => `calibrated by its group: ${past}`),
    `not below what ${numberText(numbers.observed)} steps can know, ½ / (${numberText(numbers.observed)} + 1) = ` +
      `${probabilityText(logUnseen(numbers.observed))}`,
  ];
}
