import { type Static, Type } from 'typebox';
import { logCalibrated, tellCalibration } from './calibration.ts';
import { type Aspect, aspects, createCombination } from './combination.ts';
import { numberText, probabilityText } from './number-text.ts';

const lnPs = Type.Record(Type.String(), Type.Number());

/**
 * How the p of a signal came about from the p-values of all its tests: whatever went into it, so that anybody can
 * reckon it again. Some 50 bytes a test.
 */
export const reckoningSchema = Type.Object(
  {
    tests: Type.Object(
      {
        who: Type.Optional(lnPs),
        volume: Type.Optional(lnPs),
        what: Type.Optional(lnPs),
        when: Type.Optional(lnPs),
        rule: Type.Optional(lnPs),
      },
      {
        additionalProperties: false,
        description:
          'Natural logarithm of p of every test, by aspect and by `detector/end of the event`; `rule` holds what stands ' +
          'beside the sum of the others',
      },
    ),
    calibration: Type.Union(
      [
        Type.Object(
          {
            group: Type.String({ description: 'Peer group whose past windows are the measure' }),
            observed: Type.Number({ description: 'Windows, older ones for less' }),
            exceeded: Type.Number({ description: 'Windows beyond the 98 % quantile' }),
            shape: Type.Number({ description: 'Of the generalised Pareto tail beyond it' }),
            spread: Type.Number({ description: 'Its scale, in nats' }),
          },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      { description: 'null: a finding is told with its own p' },
    ),
  },
  { additionalProperties: false },
);
export type Reckoning = Static<typeof reckoningSchema>;

/** A signal's p reckoned again. Natural logarithms. */
interface Reckoned {
  readonly combined: number;
  readonly calibrated: number;
  /** How the tests make one p, line by line, for a person; all but the result. */
  readonly combinedLines: readonly string[];
  readonly calibratedLines: readonly string[];
}

/** Combines and calibrates again, with the functions that did so when the signal was told. */
export function reckon({ tests, calibration }: Reckoning): Reckoned {
  const combined = combine(tests, [...aspects, 'rule']);
  return {
    combined,
    calibrated: calibration === null ? combined : logCalibrated(combined, calibration),
    combinedLines: tellCombination(tests),
    calibratedLines: calibration === null ? [] : tellCalibration(combined, calibration),
  };
}

type Tests = Reckoning['tests'];
type Part = Aspect | 'rule';

function combine(tests: Tests, parts: readonly Part[]): number {
  const combination = createCombination();
  for (const part of parts) {
    for (const lnP of Object.values(tests[part] ?? {})) combination.add(part, lnP);
  }
  return combination.result();
}

const joinings: Readonly<Record<Part, string>> = {
  who: 'harmonic mean',
  volume: 'half the surprise that lies midway between harmonic and geometric mean',
  what: 'harmonic mean',
  when: 'harmonic mean',
  rule: '1 / Σ 1/p',
};

function tellCombination(tests: Tests): readonly string[] {
  const lines: string[] = [];
  const partPs: number[] = [];
  for (const part of aspects) {
    if (tests[part] === undefined) continue;
    const lnP = combine(tests, [part]);
    partPs.push(lnP);
    lines.push(tellPart(part, tests[part], lnP));
  }
  if (partPs.length > 1) {
    const sum = partPs.reduce((surprise, lnP) => surprise - lnP, 0);
    lines.push(
      `surprises −ln p add up (Fisher): ${partPs.map((lnP) => numberText(-lnP)).join(' + ')} = ${numberText(sum)}, of a ` +
        `gamma distribution of shape ${partPs.length}: ${probabilityText(combine(tests, aspects))}`,
    );
  }
  if (tests.rule !== undefined) {
    const name = partPs.length > 0 ? 'beside them' : 'alone';
    lines.push(tellPart('rule', tests.rule, combine(tests, ['rule']), name));
    if (partPs.length > 0) lines.push('the less likely of the two stands');
  }
  return lines;
}

/** The tests of one aspect, the least likely first. */
function tellPart(
  part: Part,
  lnPs: Readonly<Record<string, number>>,
  lnP: number,
  name: string = part,
): string {
  const tests = Object.entries(lnPs).sort((a, b) => a[1] - b[1]);
  const named = tests.map(([name, one]) => `${nameText(name)} ${probabilityText(one)}`).join(', ');
  return tests.length === 1 && tests[0]?.[1] === lnP
    ? `${name}: ${named}`
    : `${name}: ${named}; ${joinings[part]}: ${probabilityText(lnP)}`;
}

/** `new-edge/destination` as people read it. */
function nameText(name: string): string {
  const [detector = '', end] = name.split('/');
  return end === 'destination' ? `${detector} (as called)` : detector;
}
