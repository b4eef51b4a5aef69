import { dateOf } from '../../date-of.ts';
import type { Assessment } from '../assess.ts';
import { periodDaysMax } from '../period.ts';

const dayMs = 24 * 60 * 60_000;

/** What is known of a period without calls, and what to ask for instead; settings stand between backticks. */
export function noCallsText({ space, from, to, elsewhere }: Assessment): string {
  if (elsewhere === null)
    return `No calls of space ${space} are stored: send some, or name the space that is meant.`;
  const told = `No calls of space ${space} are stored for ${dateOf(from)} to ${dateOf(to)}; the stored ones are of ${dateOf(elsewhere.from)} to ${dateOf(elsewhere.to)}`;
  const days = Math.ceil((to - elsewhere.from) / dayMs);
  if (elsewhere.from > to) return `${told}, which is still to come: look at the clocks of the shippers.`;
  if (to - elsewhere.to > periodDaysMax * dayMs)
    return `${told}, further back than the ${periodDaysMax} days that can be asked for.`;
  return `${told}: ask for them with \`--days ${Math.min(days, periodDaysMax)}\`.`;
}
