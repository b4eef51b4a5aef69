import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createTotals } from '../../../../../../services/scorer/baseline/counts/totals.ts';
import { logNormal, poisson } from '../../../../../../services/simulator/draws.ts';

const hourMs = 3_600_000;
const start = Date.UTC(2026, 5, 1);

/** ln p at the end of each hour of ten agents, some 20 messages each; `scale` makes messages larger or smaller. */
function hours(count: number, seed: number, scale = (_hour: number): number => 1): readonly number[] {
  const random = seededRandom(seed);
  const totals = createTotals('totals', hourMs);
  const lnPs: number[] = [];
  for (let hour = 0; hour < count; hour += 1) {
    for (let slot = 0; slot < 10; slot += 1) {
      const messages = Math.max(1, poisson(random, 20));
      let lnP = 0;
      for (let n = 0; n < messages; n += 1) {
        const time = start + hour * hourMs + Math.floor((n * hourMs) / messages);
        const addition = { slot, group: 0, time, amount: scale(hour) * logNormal(random, 2000, 0.5) };
        lnP = totals.score(addition);
        totals.learn(addition, false);
      }
      lnPs.push(lnP);
    }
  }
  return lnPs;
}

test('ordinary hours are no more unlikely than p says, and not much less', () => {
  const lnPs = hours(2500, 2).slice(5000);
  const share = (alpha: number) => lnPs.filter((lnP) => lnP <= Math.log(alpha)).length / lnPs.length / alpha;
  expect(share(1e-2)).toBeLessThan(1.5);
  expect(share(1e-3)).toBeGreaterThan(0.4);
  expect(share(1e-3)).toBeLessThan(1.9); // 20 of them are expected
});

test('hours of the day that are always busy are not unusual', () => {
  const busyAtNoon = (hour: number) => (hour % 24 === 12 ? 8 : 1);
  const lnPs = hours(24 * 42, 3, busyAtNoon);
  const atNoon = lnPs.filter((_, i) => i >= 24 * 35 * 10 && busyAtNoon(Math.floor(i / 10)) > 1);
  expect(atNoon.filter((lnP) => lnP <= Math.log(1e-3)).length).toBeLessThanOrEqual(1);
});
