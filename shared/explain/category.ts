import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** What is known of a thing (a target, an action, a size) that an agent had, and of things at large. */
export interface CategoryNumbers {
  /** Things that the agent had once in this context, and all that it had there, with repeats. */
  ownSingles: number;
  ownTotal: number;
  /** The same of its peer group in this context, and of the group over all contexts. */
  groupSingles: number;
  groupTotal: number;
  peersSingles: number;
  peersTotal: number;
  /** Of the things that members of the group had for the first time, those that one member alone has. */
  lonely: number;
  firsts: number;
  /** 1: somebody of the group had the thing in this context, 0: nobody. */
  isKnown: number;
  /** How often the agent had it, and how often members of the group had. */
  own: number;
  shared: number;
  /** How often members had things that the agent never had. */
  foreign: number;
  /** Of the agent's own and of those foreign things, how many are rarer than this one, and how many as rare. */
  ownRarer: number;
  ownTies: number;
  foreignRarer: number;
  foreignTies: number;
}

const names = [
  'ownSingles',
  'ownTotal',
  'groupSingles',
  'groupTotal',
  'peersSingles',
  'peersTotal',
  'lonely',
  'firsts',
  'isKnown',
  'own',
  'shared',
  'foreign',
  'ownRarer',
  'ownTies',
  'foreignRarer',
  'foreignTies',
] as const satisfies readonly (keyof CategoryNumbers)[];

/** An object for the numbers of a thing, to be filled again and again. */
export function emptyCategory(): CategoryNumbers {
  return {
    ownSingles: 0,
    ownTotal: 0,
    groupSingles: 0,
    groupTotal: 0,
    peersSingles: 0,
    peersTotal: 0,
    lonely: 0,
    firsts: 0,
    isKnown: 0,
    own: 0,
    shared: 0,
    foreign: almostNothing,
    ownRarer: 0,
    ownTies: 0,
    foreignRarer: 0,
    foreignTies: 0,
  };
}

// Above this nothing is rare, and what is common need not be ranked.
const commonFrom = 0.1;
// What a group does in a context is measured by what it does at large, which weighs as much as four things.
const groupWeight = 4;
// What was had once measures what never was, and where nothing was had once, so many calls know no less than half of it:
// Krichevsky & Trofimov 1981, IEEE Transactions on Information Theory 27(2).
const unseen = 0.5;
/** Keeps quotients finite where nothing was ever had. */
export const almostNothing = 1e-3;

/**
 * How likely the agent's next thing is new to it.
 *
 * @source Good 1953, Biometrika 40, with the group's rate as the mean of a gamma prior of shape ½
 */
function newness(numbers: Readonly<CategoryNumbers>): number {
  const { ownSingles, ownTotal } = numbers;
  // What taught little counts as one thing, but not as one draw: there may be more things than draws.
  return Math.min(1, (ownSingles + unseen) / (ownTotal + unseen / pooledOf(numbers)));
}

/** How often members have something new in this context, measured by how often they have at large. */
function pooledOf({ groupSingles, groupTotal, peersSingles, peersTotal }: Readonly<CategoryNumbers>): number {
  const anywhere = (peersSingles + unseen) / (peersTotal + 1);
  return (groupSingles + groupWeight * anywhere) / (groupTotal + groupWeight);
}

/** How likely what is new to a member is new to all; certain where the group was never seen in this context. */
function strangeness({ lonely, firsts, groupTotal }: Readonly<CategoryNumbers>): number {
  return groupTotal > 0 ? (lonely + 0.5) / (firsts + 1) : 1;
}

/** How likely the agent's next thing is one that it had once so far. */
export function chanceOfOwn(numbers: Readonly<CategoryNumbers>): number {
  return (1 - newness(numbers)) / Math.max(numbers.ownTotal, almostNothing);
}

/** How likely the agent's next thing is one that is new to it and that members of its group had once so far. */
export function chanceOfForeign(numbers: Readonly<CategoryNumbers>): number {
  return (newness(numbers) * (1 - strangeness(numbers))) / numbers.foreign;
}

/** Is a thing so common for the agent that its rank says nothing? */
export function isCommon(numbers: Readonly<CategoryNumbers>): boolean {
  return chanceOfOwn(numbers) * numbers.own >= commonFrom;
}

/**
 * ln of the mid-p of things as unlikely as this one; 0 for whatever is common.
 *
 * @source hierarchical base measure as in Teh 2006, ACL; detection reference, 2.3
 */
export function logCategory(numbers: Readonly<CategoryNumbers>): number {
  // Everything that is new to all is equally unlikely.
  if (numbers.isKnown === 0) return Math.min(0, Math.log(tiesOfCategory(numbers) / 2));
  if (isCommon(numbers)) return 0;
  const newToAll = newness(numbers) * strangeness(numbers);
  const { ownRarer, foreignRarer } = numbers;
  const rarer = newToAll + chanceOfOwn(numbers) * ownRarer + chanceOfForeign(numbers) * foreignRarer;
  return Math.min(0, Math.log(rarer + tiesOfCategory(numbers) / 2));
}

/** How likely something exactly as unlikely as this thing is, itself included: half of it is in the mid-p. */
export function tiesOfCategory(numbers: Readonly<CategoryNumbers>): number {
  if (numbers.isKnown === 0) return newness(numbers) * strangeness(numbers);
  return chanceOfOwn(numbers) * numbers.ownTies + chanceOfForeign(numbers) * numbers.foreignTies;
}

export const category = formula({ names, compute: logCategory, tell });

function tell(numbers: Readonly<CategoryNumbers>): readonly string[] {
  const { own, ownSingles, ownTotal, groupSingles, groupTotal, lonely, firsts } = numbers;
  const [isNew, strange] = [numberText(newness(numbers)), numberText(strangeness(numbers))];
  const lines = [
    `new to the agent: it had ${numberText(ownSingles)} of ${numberText(ownTotal)} once, its group ` +
      `${numberText(groupSingles)} of ${numberText(groupTotal)}, which makes ${numberText(pooledOf(numbers))}: ` +
      `(${numberText(ownSingles)} + ½) / (${numberText(ownTotal)} + ½ / ${numberText(pooledOf(numbers))}) = ${isNew}`,
    groupTotal > 0
      ? `new to all, if it is new to the agent: of ${numberText(firsts)} first times ${numberText(lonely)} are one member's ` +
        `alone: (${numberText(lonely)} + ½) / (${numberText(firsts)} + 1) = ${strange}`
      : 'its group was never seen to do this at all',
  ];
  if (numbers.isKnown === 0) return [...lines, `½ × ${isNew} × ${strange}`];
  const had = own > 0 ? `the agent had it ${numberText(own)} times` : 'the agent never had it, its group has';
  if (isCommon(numbers)) return [...lines, `${had}: that is common`];
  return [
    ...lines,
    `${had}; rarer are ${numberText(numbers.ownRarer)} of its own and ${numberText(numbers.foreignRarer)} of ` +
      `${numberText(numbers.foreign)} of its group's, as rare ${numberText(numbers.ownTies)} and ` +
      `${numberText(numbers.foreignTies)}, which count for half`,
    `${isNew} × ${strange} + ${numberText(chanceOfOwn(numbers))} × ${numberText(numbers.ownRarer + numbers.ownTies / 2)} + ` +
      `${numberText(chanceOfForeign(numbers))} × ${numberText(numbers.foreignRarer + numbers.foreignTies / 2)}`,
  ];
}
