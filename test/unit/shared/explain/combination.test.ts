import { expect, test } from 'vitest';
import { createCombination } from '#shared/explain/combination.ts';

test('one test alone keeps its p', () => {
  const combination = createCombination();
  combination.add('who', Math.log(0.01));
  expect(Math.exp(combination.result())).toBeCloseTo(0.01, 12);
});

test('two aspects add up as Fisher has it', () => {
  const combination = createCombination();
  combination.add('who', Math.log(0.05));
  combination.add('what', Math.log(0.05));
  // R: pchisq(-2 * log(0.05^2), 4, lower.tail = FALSE)
  expect(Math.exp(combination.result())).toBeCloseTo(0.01747866, 8);
});

test('volume counts by half of what lies midway between its two means', () => {
  const combination = createCombination();
  combination.add('volume', Math.log(0.01));
  combination.add('volume', Math.log(0.0004));
  const harmonic = 2 / (1 / 0.01 + 1 / 0.0004);
  const geometric = Math.sqrt(0.01 * 0.0004);
  expect(Math.exp(combination.result())).toBeCloseTo((harmonic * geometric) ** 0.25, 12);
});

test('no p is too small for it', () => {
  const combination = createCombination();
  combination.add('what', -5000);
  combination.add('who', -3);
  expect(combination.result()).toBeLessThan(-4900);
  expect(Number.isFinite(combination.result())).toBe(true);
});

test('a broken rule is not diluted, and silence of a test is no evidence', () => {
  const combination = createCombination();
  combination.add('rule', Math.log(1e-9));
  combination.add('who', 1);
  combination.add('what', Math.log(0.9));
  expect(combination.result()).toBeCloseTo(Math.log(1e-9), 12);
});

test('forgets the last event', () => {
  const combination = createCombination();
  combination.add('what', -50);
  combination.clear();
  expect(combination.result()).toBe(0);
});
