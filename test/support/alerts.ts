import type { Alert } from '#shared/alert.ts';

/** A valid alert; `n` makes its id and time. */
export function testAlert(n: number, more: Partial<Alert> = {}): Alert {
  const time = 1_700_000_000_000 + n;
  return {
    id: `alert-${String(n).padStart(4, '0')}`,
    revision: 1,
    space: 'default',
    time,
    updated_at: time,
    agent: 'checkout',
    peers: ['payments'],
    cause: 'volume/checkout',
    title: 'checkout sends more than usual',
    sentence: '120 calls in a minute where 10 to 30 are usual; look at payments',
    severity: 60,
    score: 6.5,
    p: 3.2e-7,
    detectors: ['volume'],
    evidence: [
      {
        detector: 'volume',
        p: 3.2e-7,
        observed: 120,
        expected: 20,
        lower: 10,
        upper: 30,
        unit: 'calls',
        baseline_source: 'self',
        group: null,
        group_expected: null,
        subject: 'payments',
        from: time - 60_000,
        to: time,
        sentence: '120 calls against 20',
      },
    ],
    first_seen: { agent: null, group: null, space: time },
    signals: 1,
    events: [],
    techniques: [{ framework: 'ATT&CK', id: 'T1071', name: 'Application Layer Protocol' }],
    status: 'new',
    ...more,
  };
}
