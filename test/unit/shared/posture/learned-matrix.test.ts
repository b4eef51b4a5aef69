import { expect, test } from 'vitest';
import { emptyPolicy } from '#shared/policy/parse-policy.ts';
import {
  type LearnedMatrix,
  type MatrixCell,
  matrixDrift,
  policyOfMatrix,
} from '#shared/posture/learned-matrix.ts';

const cell = (from: string, to: string, more: Partial<MatrixCell> = {}): MatrixCell => ({
  from,
  to,
  calls: 10,
  refused: 0,
  edges: 2,
  busiest: { source: 'a', destination: 'b' },
  protocols: ['http'],
  ports: [443],
  first_time: 0,
  last_time: 1,
  ...more,
});
const matrix = (...cells: MatrixCell[]): LearnedMatrix => ({ from: 0, to: 1, calls: 0, unzoned: 0, cells });

test('what was seen is allowed on its ports, what was only refused is not, all else is denied', () => {
  const policy = policyOfMatrix(
    emptyPolicy,
    matrix(
      cell('web', 'shop'),
      cell('lab', 'shop', { refused: 10 }),
      cell('shop', 'shop'),
      cell('ops', 'db', { ports: [] }),
    ),
  );
  expect(policy.zones.default).toBe('denied');
  expect(policy.zones.rules.map(({ from, to, ports, verdict }) => [from, to, ports, verdict])).toEqual([
    [['web'], ['shop'], [443], 'allowed'],
    [['ops'], ['db'], undefined, 'allowed'],
  ]);
});

test('drift is what appeared and what vanished', () => {
  expect(matrixDrift(matrix(cell('a', 'b')), matrix(cell('a', 'b'), cell('a', 'c')))).toEqual([
    { change: 'appeared', from: 'a', to: 'c', calls: 10 },
  ]);
  expect(matrixDrift(matrix(cell('a', 'b')), matrix())).toEqual([
    { change: 'vanished', from: 'a', to: 'b', calls: 10 },
  ]);
});
