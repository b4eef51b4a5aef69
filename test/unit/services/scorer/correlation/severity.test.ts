import { expect, test } from 'vitest';
import { severityOf } from '../../../../../services/scorer/correlation/severity.ts';

test('has a fixed meaning from 0 to 100', () => {
  expect([0, 4, 6, 9, 20, 300].map(severityOf)).toEqual([0, 49, 63, 78, 96, 100]);
});

test('never falls as surprise grows', () => {
  const severities = Array.from({ length: 400 }, (_, i) => severityOf(i / 10));
  expect(severities).toEqual([...severities].sort((a, b) => a - b));
});
