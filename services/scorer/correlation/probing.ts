import type { Signal } from '#shared/signal.ts';
import { sideOf } from './case-keys.ts';

/** What a person reads of an agent that probes, after its name. */
export const probingHeadline = 'calls far more others than usual, and fails';

// Stricter than the 0.05 at which evidence is listed: each of the two must be unusual by itself.
const pMax = 0.01;
const testsOfProbing = ['failures', 'fan-out'];

/** Does an agent try others one after another, mostly in vain? Two tests of one moment say so only together. */
export function isProbing(signal: Signal): boolean {
  const strongest = signal.evidence[0]?.detector ?? '';
  if (sideOf(signal) !== 'source' || !testsOfProbing.includes(strongest)) return false;
  return testsOfProbing.every((name) =>
    signal.evidence.some(({ detector, p }) => detector === name && p <= pMax),
  );
}
