import { expect, test } from 'vitest';
import { rareHour } from '../../../../../services/scorer/detectors/rare-hour.ts';
import { seededRandom } from '../../../../../shared/random.ts';
import { call, ruleScene } from '../../../../support/rule-scene.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 5, 1); // a Monday
const weeks = 6;

type Scene = ReturnType<typeof ruleScene>;
const say = (scene: Scene, source: string, time: number) =>
  scene.feed(call({ source, time, source_kind: 'human' }));

/** People in the office from 8 to 17 on weekdays, most hours of most days. */
function office(people: number) {
  const scene = ruleScene(rareHour);
  const random = seededRandom(3);
  const lnPs: number[] = [];
  for (let day = 0; day < weeks * 7; day += 1) {
    if (day % 7 >= 5) continue;
    for (let hour = 8; hour < 17; hour += 1) {
      for (let one = 0; one < people; one += 1) {
        if (random.next() < 0.2) continue;
        const told = say(scene, `user-${one}`, start + day * dayMs + hour * hourMs + one * 1000);
        for (const { lnP } of told) lnPs.push(lnP);
      }
    }
  }
  return { scene, lnPs };
}

const monday = start + weeks * 7 * dayMs;

test('three in the morning is rare for who works by day, ten is not', () => {
  const { scene } = office(10);
  const [night] = say(scene, 'user-1', monday + 3 * hourMs);
  const [day] = say(scene, 'user-1', monday + 10 * hourMs);
  expect(night?.lnP).toBeLessThan(Math.log(0.01));
  expect(day?.lnP).toBeGreaterThan(Math.log(0.1));
  expect(night?.sentence).toMatch(/^user-1 is active on Monday 03:00 UTC, as it was in none of about /);
});

test('an hour is tested once, however many calls it has', () => {
  const { scene } = office(3);
  expect(say(scene, 'user-1', monday + 3 * hourMs).length).toBe(1);
  expect(say(scene, 'user-1', monday + 3 * hourMs + 60_000).length).toBe(0);
});

test('office hours are called rare no more often than p says', () => {
  const { lnPs } = office(20);
  for (const alpha of [0.1, 0.01, 0.001]) {
    const nominal = alpha * lnPs.length;
    const seen = lnPs.filter((lnP) => lnP <= Math.log(alpha)).length;
    expect(seen).toBeLessThanOrEqual(1.5 * nominal + 3 * Math.sqrt(nominal));
  }
});

test('nothing is said of an agent in its first week', () => {
  const scene = ruleScene(rareHour);
  const told = Array.from({ length: 7 * 24 }, (_, n) => say(scene, 'user-1', start + n * hourMs)).flat();
  expect(told).toEqual([]);
});

test('what was learned survives a restart', () => {
  const [whole, halved] = [office(3).scene, office(3).scene];
  halved.restart();
  const at = monday + 3 * hourMs;
  expect(say(halved, 'user-1', at)).toEqual(say(whole, 'user-1', at));
});
