import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** How readily both ends of an edge meet somebody new: minutes with a peer, and how many were the first with it. */
export interface AcquaintanceNumbers {
  firsts: number;
  minutes: number;
  groupFirsts: number;
  groupMinutes: number;
  /** The same of the other end, in its role. */
  peerFirsts: number;
  peerMinutes: number;
  peerGroupFirsts: number;
  peerGroupMinutes: number;
}

const names = [
  'firsts',
  'minutes',
  'groupFirsts',
  'groupMinutes',
  'peerFirsts',
  'peerMinutes',
  'peerGroupFirsts',
  'peerGroupMinutes',
] as const satisfies readonly (keyof AcquaintanceNumbers)[];

/** An object for these numbers, to be filled again and again. */
export function emptyAcquaintance(): AcquaintanceNumbers {
  return {
    firsts: 0,
    minutes: 0,
    groupFirsts: 0,
    groupMinutes: 0,
    peerFirsts: 0,
    peerMinutes: 0,
    peerGroupFirsts: 0,
    peerGroupMinutes: 0,
  };
}

// A group's share of new peers weighs as much as two minutes of one's own.
const priorMinutes = 2;

/** The share of minutes that are with somebody new, its group's as prior. */
function newness(firsts: number, minutes: number, prior: number): number {
  return Math.min(1, (firsts + priorMinutes * prior) / (minutes + priorMinutes));
}
const priorOf = (firsts: number, minutes: number) => (firsts + 0.5) / (minutes + 1);
const ownNewness = ({ firsts, minutes, groupFirsts, groupMinutes }: Readonly<AcquaintanceNumbers>) =>
  newness(firsts, minutes, priorOf(groupFirsts, groupMinutes));
const peerNewness = (numbers: Readonly<AcquaintanceNumbers>) =>
  newness(
    numbers.peerFirsts,
    numbers.peerMinutes,
    priorOf(numbers.peerGroupFirsts, numbers.peerGroupMinutes),
  );

/**
 * ln of the chance that a minute of either end is with somebody new: the less likely end's, of two.
 *
 * @source Good 1953, Biometrika 40
 */
export function logAcquaintance(numbers: Readonly<AcquaintanceNumbers>): number {
  const either = Math.min(Math.log(ownNewness(numbers)), Math.log(peerNewness(numbers)));
  return Math.min(0, either + Math.LN2); // the better of two tries
}

export const acquaintance = formula({ names, compute: logAcquaintance, tell });

function tell(numbers: Readonly<AcquaintanceNumbers>): readonly string[] {
  const { firsts, minutes, peerFirsts, peerMinutes } = numbers;
  return [
    `caller: ${numberText(firsts)} of its ${numberText(minutes)} minutes of calling were the first with somebody; ` +
      `with its group as prior p = ${numberText(ownNewness(numbers))}`,
    `called: ${numberText(peerFirsts)} of its ${numberText(peerMinutes)} minutes of being called were; ` +
      `with its group as prior p = ${numberText(peerNewness(numbers))}`,
    'the less likely of the two, which had two chances: × 2',
  ];
}
