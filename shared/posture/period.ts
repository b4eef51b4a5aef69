/** A span of event time of one space: `from` is in it, `to` is not. UTC ms. */
export interface Period {
  readonly space: string;
  readonly from: number;
  readonly to: number;
}

/** Days that one question may be about. */
export const periodDaysMax = 400;
const dayMs = 24 * 60 * 60_000;

/** The last whole `days` days before a moment, and as many before those, for a trend. */
export function lastDays(space: string, days: number, now: number): readonly [Period, Period] {
  const span = days * dayMs;
  return [
    { space, from: now - span, to: now },
    { space, from: now - 2 * span, to: now - span },
  ];
}
