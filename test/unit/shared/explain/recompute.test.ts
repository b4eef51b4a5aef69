import { describe, expect, test } from 'vitest';
import { probabilityText } from '#shared/explain/number-text.ts';
import { recompute } from '#shared/explain/recompute.ts';
import type { Evidence } from '#shared/signal.ts';
import { createDecisions } from '../../../../services/scorer/decisions.ts';
import type { Detector } from '../../../../services/scorer/detectors/detector.ts';
import { detectors } from '../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../services/scorer/engine/engine.ts';
import { tellingStream } from '../../../support/telling-streams.ts';

function evidenceOf(detector: Detector): readonly Evidence[] {
  const told: Evidence[] = [];
  const engine = createEngine({
    detectors: [detector],
    decisions: createDecisions(),
    alertsPerDay: 1e9, // tells of whatever is at all unusual
    onSignal: ({ evidence }) => void told.push(...evidence),
  });
  for (const one of tellingStream(detector.name)) engine.process(one, 'both');
  return told;
}

const explained = detectors.filter(({ name, kind }) => kind === 'statistic' || name === 'token-expired');

describe.each(explained)('$name', (detector) => {
  test('gives a working from which its p is computed again, to the last digit', () => {
    const told = evidenceOf(detector);
    expect(told.length).toBeGreaterThan(0);
    const odd = told.filter(({ p, working }) => {
      const again = working === undefined ? undefined : recompute(JSON.parse(JSON.stringify(working)));
      return again === undefined || again.lines.length === 0 || Math.exp(again.lnP) !== p;
    });
    expect(odd).toEqual([]);
  });
});

test('says nothing where a number is missing', () => {
  const steps = [{ name: 'caller', formula: 'rank' as const, numbers: { minutes: 1, unseen: 2 } }];
  expect(recompute({ combine: 'product', steps })).toBeUndefined();
  expect(recompute({ combine: 'product', steps: [] })).toBeUndefined();
});

test('joins two scales by the harmonic mean of their p-values', () => {
  const step = (p: number) => ({ name: `p ${p}`, formula: 'tier' as const, numbers: { p } });
  const both = recompute({ combine: 'harmonic', steps: [step(0.1), step(0.001)] });
  expect(Math.exp(both?.lnP ?? 0)).toBeCloseTo(2 / (1 / 0.1 + 1 / 0.001), 12);
  expect(both?.lines.at(-1)).toContain('harmonic mean');
});

test('writes probabilities that no double can hold', () => {
  expect(probabilityText(Math.log(0.25))).toBe('0.25');
  expect(probabilityText(-1000 * Math.LN10)).toBe('1e-1000');
});
