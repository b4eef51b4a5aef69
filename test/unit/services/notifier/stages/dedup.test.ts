import { expect, test } from 'vitest';
import { createDedup, severityBand } from '../../../../../services/notifier/stages/dedup.ts';
import { anAlert } from '../../../../support/alert.ts';
import { aDelivery } from '../../../../support/delivery.ts';

test('an alert that was never told passes', () => {
  const dedup = createDedup(true);
  expect(dedup.refusalOf(anAlert())).toBeUndefined();
  expect(dedup.isKnown(anAlert())).toBe(false);
});

test('a revision is told once, whatever the order of the records', () => {
  const dedup = createDedup(true);
  dedup.remember(aDelivery({ revision: 3 }));
  dedup.remember(aDelivery({ revision: 2, severity: 10 }));
  expect(dedup.refusalOf(anAlert({ revision: 3, status: 'resolved' }))).toBe('told already');
  expect(dedup.isKnown(anAlert())).toBe(true);
});

test.each([
  [{}, 'nothing new'],
  [{ severity: 74 }, 'nothing new'],
  [{ severity: 20 }, 'nothing new'],
  [{ severity: 75 }, undefined],
  [{ status: 'resolved' as const }, undefined],
])('a later revision with %j: %s', (parts, refusal) => {
  const dedup = createDedup(true);
  dedup.remember(aDelivery({ severity: 60, alert_status: 'new' }));
  expect(dedup.refusalOf(anAlert({ revision: 2, ...parts }))).toBe(refusal);
});

test('a target that wants no changes is told none', () => {
  const dedup = createDedup(false);
  dedup.remember(aDelivery());
  expect(dedup.refusalOf(anAlert({ revision: 2, status: 'resolved' }))).toBe(
    'changes are not told to this target',
  );
});

test('alerts of the same id in two spaces are two', () => {
  const dedup = createDedup(true);
  dedup.remember(aDelivery({ space: 'left' }));
  expect(dedup.isKnown(anAlert({ space: 'right' }))).toBe(false);
});

test('what was told long ago is forgotten', () => {
  const dedup = createDedup(true);
  dedup.remember(aDelivery({ alert: 'old', time: 10 }));
  dedup.remember(aDelivery({ alert: 'young', time: 20 }));
  dedup.forget(20);
  expect(['old', 'young'].map((id) => dedup.isKnown(anAlert({ id })))).toEqual([false, true]);
});

test('memory is bounded: beyond a hundred thousand alerts the oldest is forgotten', () => {
  const dedup = createDedup(true);
  for (let i = 0; i <= 100_000; i += 1) dedup.remember(aDelivery({ alert: `a${i}`, time: i }));
  expect(dedup.size).toBe(100_000);
  expect(['a0', 'a1', 'a100000'].map((id) => dedup.isKnown(anAlert({ id })))).toEqual([false, true, true]);
});

test.each([
  [0, 1],
  [24, 1],
  [25, 2],
  [74, 3],
  [75, 4],
  [100, 4],
])('severity %i lies in band %i', (severity, band) => {
  expect(severityBand(severity)).toBe(band);
});
