import { expect, test } from 'vitest';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { latency } from '../../../../../services/scorer/detectors/latency.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { logNormal } from '../../../../../services/simulator/draws.ts';
import type { AmissEvent } from '../../../../../shared/event.ts';
import { seededRandom } from '../../../../../shared/random.ts';
import { event } from '../../../../support/detector-stream.ts';
import { ruleScene } from '../../../../support/rule-scene.ts';

const call = (n: number, facts: Partial<AmissEvent>): AmissEvent => ({
  id: `e${n}`,
  time: n * 1000,
  received_at: n * 1000,
  space: 'default',
  source: 'shop',
  destination: 'stock',
  action: 'GET /items/{id}',
  ...facts,
});

/** A scene in which `calls` calls took 20 ms or so. */
function taught(calls: number) {
  const scene = ruleScene(latency);
  const random = seededRandom(8);
  for (let n = 0; n < calls; n += 1) scene.feed(call(n, { duration_ms: logNormal(random, 20, 0.4) }));
  return scene;
}

test('a call that takes a hundred times as long is seen from both ends, and told with what is usual', () => {
  const told = taught(2000).feed(call(2000, { duration_ms: 2000 }));
  expect(told.map(({ side }) => side)).toEqual(['source', 'destination']);
  for (const { lnP, sentence } of told) {
    expect(lnP).toBeLessThan(Math.log(1e-4));
    expect(sentence).toMatch(
      /^shop waited 2000 ms for GET \/items\/\{id\} of stock; usual are (19|20|21|22) ms$/,
    );
  }
});

test('an event that does not tell its duration is not judged', () => {
  expect(taught(10).feed(call(11, {}))).toEqual([]);
});

test('the first call of a new caller is judged by what others experience', () => {
  const scene = taught(500);
  const usual = scene.feed(call(501, { source: 'cart', duration_ms: 22 }));
  const slow = scene.feed(call(502, { source: 'till', duration_ms: 3000 }));
  expect(Math.min(...usual.map(({ lnP }) => lnP))).toBeGreaterThan(Math.log(0.1));
  expect(Math.min(...slow.map(({ lnP }) => lnP))).toBeLessThan(Math.log(1e-3));
});

test('ordinary calls are called slow about as often as they should be', () => {
  const scene = ruleScene(latency);
  const random = seededRandom(21);
  const calls = 30_000;
  let percent = 0;
  let permille = 0;
  for (let n = 0; n < calls; n += 1) {
    const [told] = scene.feed(call(n, { source: `s${n % 5}`, duration_ms: logNormal(random, 20, 0.5) }));
    if (n > 3000 && told !== undefined && told.lnP <= Math.log(0.01)) percent += 1;
    if (n > 3000 && told !== undefined && told.lnP <= Math.log(0.001)) permille += 1;
  }
  expect(percent / (calls - 3000) / 0.01).toBeGreaterThan(0.7);
  expect(percent / (calls - 3000) / 0.01).toBeLessThan(1.5);
  expect(permille / (calls - 3000) / 0.001).toBeLessThan(2); // 27 expected, give or take 5
});

test('what was learned survives a restart', () => {
  const [kept, restarted] = [taught(300), taught(300)];
  restarted.restart();
  const event = call(301, { duration_ms: 400 });
  expect(restarted.feed(event)).toEqual(kept.feed(event));
});

/** Calls every ten minutes that take some 20 ms, then `factor` times that for some hours; least ln p by hour. */
function shifted(factor: number, hours: number): readonly number[] {
  const engine = createEngine({
    detectors: [latency],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  const random = seededRandom(5);
  const day = 24;
  const learned = 10 * day;
  const least: number[] = [];
  for (let n = 0; n < (learned + hours) * 6; n += 1) {
    const hour = Math.floor(n / 6);
    const time = Date.UTC(2026, 5, 1) + n * 600_000;
    const duration_ms = logNormal(random, hour < learned ? 20 : 20 * factor, 0.2);
    const { lnP } = engine.process(
      { ...event(time, 'web', 'store', n), action: 'read', duration_ms },
      'both',
    );
    if (hour >= learned) least[hour - learned] = Math.min(lnP, least[hour - learned] ?? 0);
  }
  return least;
}

test('a level that stays is unusual for a day, and the new normal on the third', () => {
  const least = shifted(5, 72);
  expect(Math.max(...least.slice(0, 20))).toBeLessThan(Math.log(1e-3));
  expect(Math.min(...least.slice(60))).toBeGreaterThan(Math.log(1e-3));
});

test('a call that was given up says nothing about how long its like take', () => {
  const engine = createEngine({
    detectors: [latency],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  const after = (n: number, duration_ms: number, outcome: 'success' | 'timeout') =>
    engine.process(
      { ...event(Date.UTC(2026, 5, 1) + n * 60_000, 'web', 'store', n), duration_ms, outcome },
      'both',
    );
  for (let n = 0; n < 300; n += 1) after(n, 20 + (n % 7), 'success');
  expect(after(300, 3000, 'timeout').detector).toBe('none');
  expect(after(301, 3000, 'success').lnP).toBeLessThan(Math.log(1e-3));
});
