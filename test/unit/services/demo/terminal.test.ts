import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { alertLines, createTerminal, evidenceLine, webhookLine } from '../../../../services/demo/terminal.ts';
import { anAlert } from '../../../support/alert.ts';

const plain = createTerminal(new PassThrough() as unknown as NodeJS.WriteStream);
const [evidence] = anAlert().evidence;
if (evidence === undefined) throw new Error('the test alert has evidence');

test('evidence reads as observed against expected', () => {
  expect(
    evidenceLine({ ...evidence, expected: 4.56789, lower: 0, upper: 9, observed: 1524, p: 2.13e-30 }),
  ).toBe('new-edge    observed 1,524 calls, expected 4.57 (usually 0 to 9), p = 2.1e-30');
});

test('what was not expected at all is left out', () => {
  expect(evidenceLine({ ...evidence, expected: null, lower: null, upper: null })).toBe(
    'new-edge    observed 40 calls, p = 6.0e-7',
  );
});

test('elsewhere than on a terminal an alert is plain text', () => {
  const attack = { name: 'pod', from: 0, to: 0, hosts: new Set<string>() };
  expect(alertLines(plain, anAlert(), attack)).toEqual([
    '',
    '▲  60  web calls billing for the first time  staged attack: pod',
    `       ${anAlert().sentence}`,
    '       new-edge    observed 40 calls, expected 0 (usually 0 to 1), p = 6.0e-7',
  ]);
});

test('a forged webhook is called so', () => {
  const arrived = { id: 'msg_1', type: 'anomaly.alert.created', alert: 'a', title: 't', isGenuine: true };
  expect(webhookLine(plain, arrived)).toContain('signature genuine: anomaly.alert.created');
  expect(webhookLine(plain, { ...arrived, isGenuine: false })).toContain('NOT genuine');
});
