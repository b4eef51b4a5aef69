/** Fields that a change test takes in a record of numbers, side by side. */
export const changeFields = 3;

const lasted = 0; // the sum, in hours
const hour = 1; // number of the running hour + 1
const balance = 2; // unusual minus usual observations of the running hour

const hourMs = 3_600_000;

/**
 * A change test for one feature: has what it shows been unusual for so long that it is a new way, and no attack? Each
 * hour in which more than half was unusual adds one to a sum, each other hour takes one away, down to zero: CUSUM on
 * signs, which asks nothing of a distribution. Hours without observations do not count.
 *
 * Power: of a new level at which a share u of hours is unusual, the sum reaches h after h / (2u − 1) hours: a day at
 * the earliest where h is 24, two days at u = 0.75, never at u ≤ 0.5. False alarms: where a share q of ordinary hours
 * is unusual, an hour sees the sum at h with probability (q / (1 − q))^h: 1e-33 at q = 0.04 and h = 24. So a burst, a
 * night's work or a morning's attack are over before they are believed.
 *
 * ADWIN (Bifet & Gavaldà 2007, SDM) cuts where two parts of a window differ by √(ln(4n/δ) / 2m): at δ = 0.01, after a
 * thousand ordinary windows, eight that differ by nine tenths of the range are enough. It would make eight minutes of a
 * flood the new normal. Patience is what tells a change from an attack, so it is the parameter here.
 *
 * @param at where the fields begin in `data`
 * @param time of the observation, UTC ms
 * @returns the sum before the running hour, in hours
 * @source Page 1954, Biometrika 41(1/2); on signs: Amin, Reynolds & Bakir 1995, Communications in Statistics 24(6)
 */
export function noteUnusual(data: Float64Array, at: number, time: number, isUnusual: boolean): number {
  const number = Math.floor(time / hourMs) + 1;
  if (data[at + hour] !== number) {
    const sum = data[at + lasted] ?? 0;
    if ((data[at + hour] ?? 0) > 0) {
      data[at + lasted] = (data[at + balance] ?? 0) > 0 ? sum + 1 : Math.max(0, sum - 1);
    }
    data[at + hour] = number;
    data[at + balance] = 0;
  }
  data[at + balance] = (data[at + balance] ?? 0) + (isUnusual ? 1 : -1);
  return data[at + lasted] ?? 0;
}
