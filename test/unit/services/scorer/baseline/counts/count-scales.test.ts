import { expect, test } from 'vitest';
import { recompute } from '#shared/explain/recompute.ts';
import { seededRandom } from '#shared/random.ts';
import {
  type CountScales,
  createCountScales,
} from '../../../../../../services/scorer/baseline/counts/count-scales.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';
import { poisson } from '../../../../../support/detector-stream.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 5, 1);
const members = 20;
const familiar = () => Math.log(0.5);
const counted = { what: 'events', source: 'a', destination: null, from: start, to: start } as const;

/** A group whose busiest member makes a hundred times the calls of its rarest; the least ln p of each window. */
function feed(scales: CountScales, minutes: number): readonly number[] {
  const random = seededRandom(17);
  const least: number[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let member = 0; member < members; member += 1) {
      const events = poisson(20 * (member + 1) ** -1.5, random);
      let lnP = 0;
      for (let i = 0; i < events; i += 1) {
        const time = start + minute * minuteMs + i;
        lnP = Math.min(lnP, scales.score(member, 0, time));
        scales.learn(member, 0, time, familiar);
      }
      if (events > 0) least.push(lnP);
    }
  }
  return least;
}

const fed = (minutes: number) => {
  const scales = createCountScales('c', [minuteMs, 60 * minuteMs]);
  return { scales, least: feed(scales, minutes), time: start + minutes * minuteMs };
};

test('is as surprised as it says, by members of a hundred rates together', () => {
  const { least } = fed(12_000);
  const counted = least.slice(least.length / 2);
  for (const p of [1e-2, 1e-3]) {
    const ratio = counted.filter((lnP) => lnP <= Math.log(p)).length / (p * counted.length);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.5);
  }
});

test('alarms before a window closes, and tells how', () => {
  const { scales, time } = fed(2000);
  for (let i = 0; i < 200; i += 1) scales.learn(19, 0, time + i, familiar);
  const lnP = scales.score(19, 0, time + 200);
  expect(lnP).toBeLessThan(Math.log(1e-6));
  expect(scales.strongest(19, 0, time + 200).windowMs).toBe(minuteMs);
  const again = recompute(scales.working([19, 0, time + 200], counted));
  expect(again?.lnP).toBe(lnP);
  expect(again?.lines.at(-1)).toContain('ordinary windows of its group');
});

test('a flood that comes back every hour does not become ordinary to the group', () => {
  const { scales, time } = fed(2000);
  const before = surpriseOf(scales, time);
  for (let hour = 0; hour < 12; hour += 1) {
    for (let i = 0; i < 200; i += 1) scales.learn(19, 0, time + hour * 60 * minuteMs + i, familiar);
  }
  expect(surpriseOf(scales, time + 12 * 60 * minuteMs)).toBeGreaterThan(0.8 * before);
});

/** How surprising a hundred calls of another member are. */
function surpriseOf(scales: CountScales, time: number): number {
  for (let i = 0; i < 100; i += 1) scales.learn(18, 0, time + i, familiar);
  return -scales.score(18, 0, time + 100);
}

test('a late event is not tested', () => {
  const { scales, time } = fed(500);
  scales.learn(0, 0, time, familiar);
  expect(scales.score(0, 0, time - 120 * minuteMs)).toBe(1);
});

test('is the same after a restart', () => {
  const { scales, time } = fed(1000);
  const restored = createCountScales('c', [minuteMs, 60 * minuteMs]);
  restored.restore(decodeState(encodeState(scales.save)));
  expect(restored.working([3, 0, time], counted)).toEqual(scales.working([3, 0, time], counted));
});
