import { expect, test } from 'vitest';
import { createMute } from '../../../../../services/notifier/stages/mute.ts';
import { anAlert } from '../../../../support/alert.ts';

const silences = [
  { agent: 'batch', from: 0, until: 1_000 },
  { detector: 'volume', from: 0, until: 100 },
];
const muteAt = (now: number) =>
  createMute(
    () => silences,
    () => now,
  );

test('an alert that a silence matches is kept back while the silence holds', () => {
  expect(muteAt(500).refusalOf(anAlert({ agent: 'batch' }))).toBe('a silence matches');
  expect(muteAt(1_000).refusalOf(anAlert({ agent: 'batch' }))).toBeUndefined();
  expect(muteAt(500).refusalOf(anAlert({ agent: 'web' }))).toBeUndefined();
});

test.each(['suppressed', 'archived'] as const)('an alert that is %s is kept back', (status) => {
  expect(muteAt(0).refusalOf(anAlert({ status }))).toBe(`the alert is ${status}`);
});

test.each(['new', 'in_progress', 'resolved'] as const)('an alert that is %s passes', (status) => {
  expect(muteAt(0).refusalOf(anAlert({ status }))).toBeUndefined();
});
