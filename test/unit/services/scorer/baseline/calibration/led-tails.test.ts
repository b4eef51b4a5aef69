import { expect, test } from 'vitest';
import {
  createLedTails,
  type LedTails,
} from '../../../../../../services/scorer/baseline/calibration/led-tails.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { exponential } from '../../../../../../services/simulator/draws.ts';
import { seededRandom } from '../../../../../../shared/random.ts';

/** Many windows of group 0 that one detector leads, with surprises of this mean. */
function live(tails: LedTails, lead: number, mean: number): void {
  const random = seededRandom(3);
  for (let i = 0; i < 20_000; i += 1) tails.learn({ group: 0, lead, lnP: -exponential(random, mean) }, 1);
}

test('a detector that promises too much is corrected, and no other is', () => {
  const tails = createLedTails('test', ['rough', 'right']);
  live(tails, 0, 4);
  live(tails, 1, 1);
  expect(tails.calibrate({ group: 0, lead: 0, lnP: -12 })).toBeGreaterThan(-6);
  expect(tails.calibrate({ group: 0, lead: 1, lnP: -12 })).toBeLessThan(-10);
  expect(tails.calibrate({ group: 1, lead: 0, lnP: -12 })).toBeCloseTo(-12, 6);
});

test('what was learned of a detector stays its own when others come before it', () => {
  const tails = createLedTails('test', ['rough', 'right']);
  live(tails, 0, 4);
  const window = { group: 0, lead: 0, lnP: -12 };
  const after = createLedTails('test', ['newcomer', 'right', 'rough']);
  after.restore(decodeState(encodeState(tails.save)));
  expect(after.calibrate({ ...window, lead: 2 })).toBe(tails.calibrate(window));
  expect(after.numbers({ ...window, lead: 2 })).toEqual(tails.numbers(window));
  expect(after.calibrate(window)).toBeCloseTo(-12, 6);
});
