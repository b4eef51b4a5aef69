import { expect, test } from 'vitest';
import { createCorrelators } from '../../../../../services/scorer/correlation/correlators.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { decodeState, encodeState } from '../../../../../services/scorer/state.ts';
import { hourMs, signal, start } from '../../../../support/signals.ts';

const options = { alertsPerDay: 1, detectors };
const yearMs = 365 * 24 * hourMs;

/** What is told of a case a day in a space whose first is at `from`, ten days long. */
const casesFrom = (from: number, space: string) =>
  Array.from({ length: 240 }, (_, hour) =>
    signal({ agent: `web-${hour}`, peer: null, time: from + hour * hourMs, score: 1 + (hour % 24), space }),
  );

test('each space has a budget and a clock of its own: what is told of a recording does not depend on live traffic', () => {
  const alone = createCorrelators(options);
  const recorded = casesFrom(start, 'recorded');
  const expected = recorded.flatMap((one) => alone.take(one));
  expect(expected.length).toBeGreaterThan(5);
  const both = createCorrelators(options);
  for (const one of casesFrom(start + yearMs, 'live')) both.take(one);
  expect(recorded.flatMap((one) => both.take(one))).toEqual(expected);
});

test('a restart goes on in every space', () => {
  const events = ['a', 'b'].flatMap((space) => casesFrom(start, space));
  const whole = createCorrelators(options);
  for (const one of events.slice(0, 300)) whole.take(one);
  const restarted = createCorrelators(options);
  restarted.restore(decodeState(encodeState(whole.save)));
  const rest = events.slice(300);
  expect(rest.flatMap((one) => restarted.take(one))).toEqual(rest.flatMap((one) => whole.take(one)));
});
