import type { Alert } from '#shared/alert.ts';

/** An alert of a test: whole and valid; what matters to the test is given. */
export function anAlert(parts: Partial<Alert> = {}): Alert {
  return {
    id: 'alert-1',
    revision: 1,
    space: 'default',
    time: 1_700_000_000_000,
    updated_at: 1_700_000_060_000,
    agent: 'web',
    peers: ['billing'],
    cause: 'new-edge/web',
    title: 'web calls billing for the first time',
    sentence: 'web called billing 40 times in 5 minutes; it never did before. Look at what was deployed.',
    severity: 60,
    score: 6.2,
    p: 6e-7,
    detectors: ['new-edge'],
    evidence: [
      {
        detector: 'new-edge',
        p: 6e-7,
        observed: 40,
        expected: 0,
        lower: 0,
        upper: 1,
        unit: 'calls',
        baseline_source: 'self',
        group: null,
        group_expected: null,
        subject: 'billing',
        from: 1_700_000_000_000,
        to: 1_700_000_300_000,
        sentence: '40 calls to a peer that was never called before',
      },
    ],
    first_seen: { agent: 1_690_000_000_000, group: null, space: null },
    signals: 1,
    events: ['018bcfe5-6800-7000-8000-000000000001'],
    techniques: [{ framework: 'ATT&CK', id: 'T1071', name: 'Application Layer Protocol' }],
    status: 'new',
    ...parts,
  };
}
