import { expect, test } from 'vitest';
import { failures } from '../../../../../services/scorer/detectors/failures.ts';
import type { Outcome } from '../../../../../shared/event.ts';
import { seededRandom } from '../../../../../shared/random.ts';
import { call, ruleScene } from '../../../../support/rule-scene.ts';

/** A scene in which one call of a hundred failed. */
function taught() {
  const scene = ruleScene(failures);
  const random = seededRandom(9);
  for (let n = 0; n < 3000; n += 1) scene.feed(call({ outcome: random.next() < 0.01 ? 'error' : 'success' }));
  return scene;
}

test('one failure is nothing, a row of them is', () => {
  const scene = taught();
  const surprises = Array.from({ length: 6 }, () => scene.feed(call({ outcome: 'denied' }))[0]?.lnP ?? 0);
  expect(surprises[0]).toBeGreaterThan(Math.log(0.01));
  expect(surprises[5]).toBeLessThan(Math.log(1e-5));
});

test('six failures in a row are nothing where failures always come six in a row', () => {
  const scene = ruleScene(failures);
  for (let n = 0; n < 4000; n += 1) scene.feed(call({ outcome: n % 200 < 6 ? 'error' : 'success' }));
  const surprises = Array.from({ length: 6 }, () => scene.feed(call({ outcome: 'error' }))[0]?.lnP ?? 0);
  expect(surprises[5]).toBeGreaterThan(Math.log(1e-3));
});

test('a tool that fails a model again and again within a session is one failure, unless it is denied', () => {
  const told = (outcome: Outcome) => {
    const scene = taught();
    const tool = { protocol: 'mcp', action: 'tools/call:book', session: 'trip', outcome } as const;
    return Array.from({ length: 6 }, () => scene.feed(call(tool))[0]?.lnP ?? 0).at(-1);
  };
  expect(told('error')).toBe(0);
  expect(told('denied')).toBeLessThan(Math.log(1e-5));
});

test('it is told how many of how many, and from both ends', () => {
  const scene = taught();
  for (let n = 0; n < 9; n += 1) scene.feed(call({ outcome: 'timeout' }));
  const told = scene.feed(call({ outcome: 'timeout' }));
  expect(told.map(({ side }) => side)).toEqual(['source', 'destination']);
  expect(told[0]?.sentence).toMatch(
    /^1\d of the last 32 calls by web failed or were denied, where 0\.\d are usual/,
  );
});

test.each(['unknown', undefined] as const)('an outcome of %s says nothing', (outcome) => {
  const { outcome: _, ...event } = call({});
  const whole = outcome === undefined ? event : { ...event, outcome: outcome satisfies Outcome };
  expect(taught().feed(whole)).toEqual([]);
});

test('an agent that always fails is nothing new', () => {
  const scene = ruleScene(failures);
  for (let n = 0; n < 500; n += 1) scene.feed(call({ outcome: 'error' }));
  expect(scene.feed(call({ outcome: 'error' }))[0]?.lnP).toBeGreaterThan(Math.log(0.2));
});

test('ordinary failures are told no more often than they should be', () => {
  const scene = ruleScene(failures);
  const random = seededRandom(31);
  const calls = 30_000;
  let permille = 0;
  for (let n = 0; n < calls; n += 1) {
    const [told] = scene.feed(call({ outcome: random.next() < 0.05 ? 'error' : 'success' }));
    if (n > 3000 && (told?.lnP ?? 0) <= Math.log(0.001)) permille += 1;
  }
  expect(permille / (calls - 3000) / 0.001).toBeLessThan(1.5);
});

test('what was learned survives a restart', () => {
  const [kept, restarted] = [taught(), taught()];
  restarted.restart();
  const event = call({ outcome: 'error' });
  expect(restarted.feed(event)).toEqual(kept.feed(event));
});
