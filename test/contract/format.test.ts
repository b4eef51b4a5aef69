import { describe, expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { rejectSampleBytesMax } from '#shared/reject.ts';
import { formats } from '../../services/collector/formats/index.ts';
import { formatSamples } from '../support/format-samples.ts';
import { fuzzFormats } from '../support/fuzz-formats.ts';
import { mutate, pick } from '../support/mutate.ts';

const samples = formatSamples();
const seed = 42;
const mutationsMax = 2_000;

describe.each(formats)('$name', (format) => {
  const own = samples.filter((sample) => sample.format === format.name);

  test('has golden bodies', () => {
    expect(own.length).toBeGreaterThan(0);
  });

  test.each(own)('reads $name as its golden outcome', ({ body, expected }) => {
    const outcomes = [...format.decode(body)].map((outcome) => ({ ...outcome, text: undefined }));
    expect(JSON.parse(JSON.stringify(outcomes))).toEqual(expected);
  });

  test('gives with a record no other text than the one that it was parsed from', () => {
    for (const outcome of own.flatMap(({ body }) => [...format.decode(body)])) {
      if (outcome.kind === 'record' && outcome.text !== undefined)
        expect(JSON.parse(outcome.text)).toEqual(outcome.record);
    }
  });

  test('gives the same outcomes for the same body, and leaves the body as it was', () => {
    for (const { body } of own) {
      const before = Buffer.from(body);
      expect([...format.decode(body)]).toEqual([...format.decode(body)]);
      expect(body.equals(before)).toBe(true);
    }
  });

  test('makes nothing of nothing', () => {
    expect([...format.decode(Buffer.alloc(0))]).toEqual([]);
  });

  test('answers every mutation of its bodies with records or reasons, never with a throw', () => {
    const random = seededRandom(seed);
    for (let i = 0; i < mutationsMax; i += 1) {
      const original = own[pick(random, own.length)]?.body ?? Buffer.alloc(0);
      const body = mutate(original, random);
      for (const outcome of format.decode(body)) {
        if (outcome.kind !== 'reject') continue;
        expect(outcome.reason, `seed=${seed} mutation=${i}`).not.toBe('');
        expect(outcome.sample.length).toBeLessThanOrEqual(rejectSampleBytesMax);
      }
    }
  });

  test('answers random bytes with records or reasons, never with a throw', () => {
    const random = seededRandom(seed + 1);
    for (let i = 0; i < mutationsMax; i += 1) {
      const body = Buffer.from(Array.from({ length: pick(random, 300) }, () => pick(random, 256)));
      expect(() => [...format.decode(body)], `seed=${seed + 1} body=${i}`).not.toThrow();
    }
  });

  test('reads a deeply nested body in a bounded time', () => {
    const deep = Buffer.concat([Buffer.alloc(200_000, '['), Buffer.alloc(200_000, '{"a":')]);
    const started = performance.now();
    expect([...format.decode(deep)].length).toBeLessThanOrEqual(deep.length);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('reads many unfinished objects in a time that grows with their number alone', () => {
    const started = performance.now();
    for (const unit of ['{\n', '{"a":"\n', '{"a":1}{', '[1,\n', '<1>', '9999 ', '{"event":{\n']) {
      Array.from(format.decode(Buffer.from(unit.repeat(50_000))));
    }
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

test('a short fuzz of the way from bytes to events finds neither a throw nor a record that is no event', () => {
  const counts = fuzzFormats({ seed, inputs: 20_000 });
  expect(counts.events).toBeGreaterThan(1_000);
  expect(counts.rejects).toBeGreaterThan(1_000);
});
