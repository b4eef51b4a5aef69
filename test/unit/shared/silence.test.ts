import { expect, test } from 'vitest';
import type { Decision } from '#shared/decision.ts';
import { isSilenced, silenceOf } from '#shared/silence.ts';
import { anAlert } from '../../support/alert.ts';

const held = { from: 1_000, until: 2_000 };
const alert = anAlert({
  agent: 'web',
  peers: ['billing', 'mail'],
  cause: 'c',
  detectors: ['volume', 'new-edge'],
});

test.each([
  [{ agent: 'web' }, true],
  [{ agent: '*' }, true],
  [{ agent: 'batch' }, false],
  [{ peer: 'mail' }, true],
  [{ peer: 'web' }, false],
  [{ cause: 'c' }, true],
  [{ cause: 'd' }, false],
  [{ detector: 'new-edge' }, true],
  [{ detector: 'beacon' }, false],
  [{ agent: 'web', peer: 'mail', detector: 'volume' }, true],
  [{ agent: 'web', peer: 'other' }, false],
  [{}, false],
])('a silence of %j matches: %s', (fields, isMatch) => {
  expect(isSilenced({ ...held, ...fields }, alert, 1_500)).toBe(isMatch);
});

test('a silence holds from its beginning up to its end', () => {
  const silence = { ...held, agent: 'web' };
  expect([999, 1_000, 1_999, 2_000].map((now) => isSilenced(silence, alert, now))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('only a decision of the kind silence with a whole body is one', () => {
  const body = { ...held, agent: 'web' };
  const decision: Decision = {
    id: 'd1',
    key: 'silence/1',
    kind: 'silence',
    time: 1,
    space: 'default',
    by: 'ana',
    reason: 'maintenance',
    body,
  };
  expect(silenceOf(decision)).toEqual(body);
  expect(silenceOf({ ...decision, kind: 'verdict' })).toBeUndefined();
  expect(silenceOf({ ...decision, body: { agent: 'web' } })).toBeUndefined();
  expect(silenceOf({ ...decision, body: null })).toBeUndefined();
});
