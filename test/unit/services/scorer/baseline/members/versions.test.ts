import { expect, test } from 'vitest';
import { createVersions } from '../../../../../../services/scorer/baseline/members/versions.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const hour = 3_600_000;
const web = 7;

test('a version that was never run before is a change for a day', () => {
  const versions = createVersions();
  versions.learn(web, '1.0', 0);
  expect(versions.changeOf(web, 1)).toBeUndefined();
  versions.learn(web, '1.1', 10 * hour);
  expect(versions.changeOf(web, 11 * hour)).toEqual({ from: '1.0', to: '1.1', at: 10 * hour });
  expect(versions.changeOf(web, 34 * hour)).toBeUndefined();
});

test('instances that run side by side change once', () => {
  const versions = createVersions();
  for (let i = 0; i < 10; i += 1) versions.learn(web, i % 2 === 0 ? '1.0' : '1.1', i * hour);
  expect(versions.changeOf(web, 10 * hour)?.at).toBe(hour);
});

test('what was saved is restored, and a slot given to another agent starts anew', () => {
  const versions = createVersions();
  versions.learn(web, '1.0', 0);
  versions.learn(web, '1.1', hour);
  const restored = createVersions();
  restored.restore(decodeState(encodeState(versions.save)));
  expect(restored.changeOf(web, hour)).toEqual(versions.changeOf(web, hour));
  restored.forget(web);
  expect(restored.changeOf(web, hour)).toBeUndefined();
});
