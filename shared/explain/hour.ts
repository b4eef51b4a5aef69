import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** An hour of the week against all 168 of them. */
export interface HourNumbers {
  /** How active the agent is in this hour, in weeks of activity a week. */
  rate: number;
  /** The same, summed over the hours that are rarer, those that are as rare for half; and over all hours. */
  rarer: number;
  all: number;
}

const names = ['rate', 'rarer', 'all'] as const satisfies readonly (keyof HourNumbers)[];

/** ln of the mid-p of being active in an hour as rare as this: the share of all activity that lies in such hours. */
export function logHour({ rarer, all }: Readonly<HourNumbers>): number {
  return Math.min(0, Math.log(rarer / all));
}

export const hour = formula({ names, compute: logHour, tell });

function tell({ rate, rarer, all }: Readonly<HourNumbers>): readonly string[] {
  return [
    `with its group's hours as prior, it is expected to be active in this hour in ${numberText(100 * rate)} % of weeks`,
    `of ${numberText(all)} active hours a week ${numberText(rarer)} lie in hours as rare or rarer: ` +
      `${numberText(rarer)} / ${numberText(all)}`,
  ];
}
