import { expect, test } from 'vitest';
import { afterCall, type Containment, movedBy, nextStep, proposalOf } from '#shared/containment.ts';
import { anAlert } from '../../support/alert.ts';

const proposed = proposalOf(anAlert(), { manifests: [], needsApproval: true, now: 1000 });
const as = (parts: Partial<Containment>): Containment => ({ ...proposed, ...parts });
const dayMs = 86_400_000;
const limits = { now: 5000, expiresMs: 60_000, attemptsMax: 3 };

test('nothing is called without approval, and a proposal lapses', () => {
  expect(nextStep(proposed, 2000, dayMs)).toEqual({ kind: 'wait', until: 1000 + dayMs });
  expect(nextStep(proposed, 1000 + dayMs, dayMs)).toEqual({ kind: 'become', state: 'lapsed' });
});

test('without the need for approval an alert isolates at once', () => {
  const direct = proposalOf(anAlert(), { manifests: [], needsApproval: false, now: 1000 });
  expect(nextStep(direct, 1000, dayMs)).toEqual({ kind: 'call', action: 'isolate' });
});

test('an active isolation is released when it expires, not before', () => {
  const active = afterCall(as({ state: 'approved' }), { action: 'isolate', failure: null }, limits);
  expect(active).toMatchObject({ state: 'active', expires_at: 65_000 });
  expect(nextStep(active, 64_999, dayMs)).toEqual({ kind: 'wait', until: 65_000 });
  expect(nextStep(active, 65_000, dayMs)).toEqual({ kind: 'call', action: 'release' });
});

test('an analyst undoes an isolation at once', () => {
  const undone = movedBy(as({ state: 'active', expires_at: 1e9 }), 'undone');
  expect(undone && nextStep(undone, 2000, dayMs)).toEqual({ kind: 'call', action: 'release' });
  expect(movedBy(as({ state: 'released' }), 'undone')).toBeUndefined();
});

test('a failed call is repeated ever later, and given up with its reason', () => {
  let containment = as({ state: 'approved' });
  const pauses: number[] = [];
  while (containment.state === 'approved') {
    containment = afterCall(containment, { action: 'isolate', failure: 'http 503' }, limits);
    if (containment.next_attempt_at !== null) pauses.push(containment.next_attempt_at - limits.now);
  }
  expect(pauses).toEqual([5_000, 20_000]);
  expect(containment).toMatchObject({ state: 'failed', attempts: 3, reason: 'http 503' });
});
