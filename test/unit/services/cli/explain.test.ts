import { expect, test } from 'vitest';
import { explanationText } from '../../../../services/cli/explain.ts';

const time = Date.UTC(2026, 5, 1, 10);
const explanation = {
  id: 'a',
  revision: 2,
  title: 'web: far more traffic than usual (with orders)',
  sentence: 'web made 300 calls within 1 minute, where 12 is usual. Check whether web is under load.',
  time,
  severity: 69,
  score: 7,
  p: 1e-7,
  agrees: true,
  evidence: [
    {
      detector: 'volume',
      p: 1e-7,
      observed: 300,
      expected: 12,
      lower: 4,
      upper: 31,
      unit: 'calls out within 1 minute',
      baseline_source: 'self' as const,
      group: 'service',
      group_members: 19,
      group_expected: 8,
      subject: null,
      from: time,
      to: time + 60_000,
      sentence: 'web made 300 calls within 1 minute, where 12 is usual',
      lines: ['within 1 minute:', '  x = 299', 'p = 1e-7; stored: the same, to the last digit'],
      stored: ['300 calls: as observed'],
    },
  ],
  combined: { lines: ['volume: volume 1e-7', 'p = 1e-7'] },
  calibrated: { lines: ['p = 1e-7; stored: the same, to the last digit'] },
};

test('reads as a worked answer: seen, expected, known from, in store, working, result', () => {
  const lines = explanationText(explanation).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '2026-06-01 10:00:00 UTC, revision 2',
      '1. volume: web made 300 calls within 1 minute, where 12 is usual',
      '   seen        300 calls out within 1 minute, from 2026-06-01 10:00:00 UTC to 2026-06-01 10:01:00 UTC',
      '   expected    12, between 4 and 31 in 95 of 100 cases',
      '   known from  its own history; peer group: service of 19 members, whose typical member shows 8',
      '   in store    300 calls: as observed',
      '   working     within 1 minute:',
      '                 x = 299',
      '               p = 1e-7; stored: the same, to the last digit',
      'Severity 69 = 100 × (1 − e^(−7 / 6)), where 7 is −log₁₀ p',
      'All 2 p-values were computed again, and are what was stored.',
    ]),
  );
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('says so where something is another, or cannot be computed again', () => {
  expect(explanationText({ ...explanation, agrees: false })).toContain(
    'Not every p-value is what was stored',
  );
  const old = { ...explanation, agrees: null, combined: null, calibrated: null };
  expect(explanationText(old)).toContain('Not all of it can be computed again');
});
