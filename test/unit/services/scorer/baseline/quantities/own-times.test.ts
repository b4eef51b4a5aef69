import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createOwnTimes } from '../../../../../../services/scorer/baseline/quantities/own-times.ts';
import { logNormal } from '../../../../../../services/simulator/draws.ts';

const group = 0;

/** An agent that takes about 20 ms for what it is asked. */
function scene() {
  const times = createOwnTimes();
  const asked = times.number(1, 'GET /cart');
  const random = seededRandom(5);
  let time = Date.UTC(2026, 5, 1);
  return {
    /** It is asked so often, at equal intervals, and takes so many times as long as usual. */
    run: (calls: number, everyMs: number, factor = 1) => {
      for (let n = 0; n < calls; n += 1) {
        time += everyMs;
        times.judge(asked, group, factor * logNormal(random, 20, 0.3));
        times.learn(time, 1, 0.01);
      }
    },
    renew: () => times.renew(time),
    judge: (ownMs: number) => ({ ...times.judge(asked, group, ownMs) }),
  };
}

test('who is asked a hundred times a second does not take a bad minute for its nature', () => {
  const { run, judge } = scene();
  run(360_000, 10);
  run(6000, 10, 5);
  expect(judge(100).lnP).toBeLessThan(Math.log(1e-3));
});

test('who is asked once a minute is known by its last calls', () => {
  const { run, judge } = scene();
  run(2000, 60_000);
  run(2000, 60_000, 5);
  expect(judge(100).lnP).toBeGreaterThan(Math.log(0.1));
});

test('what is accepted as the new normal is soon known', () => {
  const { run, judge, renew } = scene();
  run(360_000, 10);
  renew();
  run(3000, 10, 5);
  expect(judge(100).lnP).toBeGreaterThan(Math.log(0.1));
});

test('says how much later than usual an answer comes, and never how much earlier', () => {
  const { run, judge } = scene();
  run(1000, 1000);
  expect(judge(120).lateMs).toBeGreaterThan(95);
  expect(judge(120).lateMs).toBeLessThan(105);
  expect(judge(10).lateMs).toBe(0);
});

test('nothing is known of what was asked fewer than twenty times', () => {
  const { run, judge } = scene();
  run(19, 1000);
  expect(judge(20).isKnown).toBe(false);
  run(2, 1000);
  expect(judge(20).isKnown).toBe(true);
});
