import { expect, test } from 'vitest';
import { adviceOf } from '../../../../../services/scorer/correlation/advice.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { attack, signal } from '../../../../support/signals.ts';

const names = [...detectors.map(({ name }) => name), 'weak-evidence'];

test.each(names)('%s comes with an advice of its own that names the agent', (name) => {
  const advice = adviceOf(signal({ agent: 'web', peer: 'shop', time: attack, score: 9, detectors: [name] }));
  expect(advice).toContain('web');
  expect(advice).not.toBe('Check web and what it did with shop in these minutes.');
  expect(advice).toMatch(/^[A-Z].*[.?]$/);
});

test('what nobody has heard of still says whom to look at', () => {
  const advice = adviceOf(
    signal({ agent: 'web', peer: null, time: attack, score: 9, detectors: ['of-tomorrow'] }),
  );
  expect(advice).toBe('Check web and what it did with others in these minutes.');
});
