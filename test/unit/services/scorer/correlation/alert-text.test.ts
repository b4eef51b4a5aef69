import { expect, test } from 'vitest';
import { attack, minuteMs, settled, signal } from '../../../../support/signals.ts';

type Given = Partial<Parameters<typeof signal>[0]>;

/** The alert of a device, as it is after each of these signals. */
function alertAfter(...signals: readonly Given[]) {
  const correlator = settled();
  const told = signals.flatMap((given, i) =>
    correlator.take(
      signal({ agent: 'sensor', peer: 'store', time: attack + i * minuteMs, score: 12 + 6 * i, ...given }),
    ),
  );
  return told.at(-1);
}

test('an agent that calls many others and fails is told as that, and who it searches for is asked', () => {
  const alert = alertAfter({ detectors: ['failures', 'volume', 'fan-out'] });
  expect(alert?.title).toBe('sensor: calls far more others than usual, and fails (with store)');
  expect(alert?.sentence).toContain('Check whether sensor is searching the network');
});

test.each([
  { of: 'that merely fails', given: { detectors: ['failures', 'volume'] } },
  { of: 'whose strongest evidence is another', given: { detectors: ['volume', 'failures', 'fan-out'] } },
  {
    of: 'that is called by many, whose calls fail',
    given: { detectors: ['failures', 'fan-out'], cause: 'failures/destination/sensor' },
  },
])('an agent $of is told by its strongest evidence', ({ given }) => {
  expect(alertAfter(given)?.title).not.toContain('and fails');
});

test('whom an alert involves are the others, of whom there may be more', () => {
  const alert = alertAfter({ peer: 'store' }, { peer: 'sensor' }, { peer: 'hub', score: 30 });
  expect(alert?.sentence).toContain(' At least 2 others are involved, first of all store, hub.');
});

test('of one other nothing is counted', () => {
  expect(alertAfter({})?.sentence).not.toContain('involved');
});
