import { expect, test } from 'vitest';
import { reckon } from '#shared/explain/reckoning.ts';

const group = { group: 'service', observed: 9500, exceeded: 190, shape: 0, spread: 2 };
const ln = Math.log;

test('adds up the surprises of what tests are about, and measures the sum by the past of the group', () => {
  const tests = { who: { 'new-edge/source': ln(0.05) }, what: { 'rare-action/source': ln(0.05) } };
  const { combined, calibrated, combinedLines } = reckon({ tests, calibration: group });
  expect(Math.exp(combined)).toBeCloseTo(0.01747866, 8); // R: pchisq(-2 * log(0.05^2), 4, lower.tail = FALSE)
  // (190 + 10) of (9500 + 500) windows lie beyond p = 0.02; what lies beyond is exponential with mean 2.
  expect(Math.exp(calibrated)).toBeCloseTo(0.02 * Math.exp(-(ln(0.02) - combined) / 2), 12);
  expect(combinedLines.at(-1)).toContain('gamma distribution of shape 2: 0.01748');
});

test('lets a broken rule stand beside the statistics', () => {
  const { combined, combinedLines } = reckon({
    tests: { who: { 'rare-caller/source': ln(0.4) }, rule: { 'tls-downgrade/source': ln(1e-6) } },
    calibration: null,
  });
  expect(Math.exp(combined)).toBeCloseTo(1e-6, 15);
  expect(combinedLines).toEqual([
    'who: rare-caller 0.4',
    'beside them: tls-downgrade 1e-6',
    'the less likely of the two stands',
  ]);
});

test('takes a finding at its word', () => {
  const lnP = -12.5;
  expect(reckon({ tests: { rule: { silence: lnP } }, calibration: null })).toMatchObject({
    combined: lnP,
    calibrated: lnP,
    calibratedLines: [],
  });
});
