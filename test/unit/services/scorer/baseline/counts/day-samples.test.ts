import { expect, test } from 'vitest';
import { createDaySamples } from '../../../../../../services/scorer/baseline/counts/day-samples.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

const dayMs = 86_400_000;
const today = Date.UTC(2026, 5, 1);
const web = { slot: 3, agent: 'web' };

/** Events `day-0` to `day-9` of a day. */
function tenOf(day: string, from: number) {
  return Array.from({ length: 10 }, (_, i) => ({ id: `${day}-${i}`, time: from + i * 3_600_000 }));
}

test('it keeps the first, second, fourth and eighth event of the newest day', () => {
  const samples = createDaySamples('samples');
  for (const { id, time } of tenOf('monday', today)) samples.note(web, time, id);
  expect(samples.of(web)).toEqual(['monday-0', 'monday-1', 'monday-3', 'monday-7']);
  for (const { id, time } of tenOf('tuesday', today + dayMs)) samples.note(web, time, id);
  samples.note(web, today, 'late');
  expect(samples.of(web)).toEqual(['tuesday-0', 'tuesday-1', 'tuesday-3', 'tuesday-7']);
});

test('who has a slot after another has nothing of the other', () => {
  const samples = createDaySamples('samples');
  samples.note(web, today, 'a');
  expect(samples.of({ slot: 3, agent: 'newcomer' })).toEqual([]);
  samples.note({ slot: 3, agent: 'newcomer' }, today, 'b');
  expect(samples.of({ slot: 3, agent: 'newcomer' })).toEqual(['b']);
});

test('a restart keeps them, the end of the day forgets those whose day it was', () => {
  const before = createDaySamples('samples');
  before.note(web, today, 'a');
  before.note({ slot: 4, agent: 'elsewhere' }, today, 'b');
  const after = createDaySamples('samples');
  after.restore(decodeState(encodeState(before.save)));
  after.forget((slot) => slot === 3);
  expect(after.of(web)).toEqual([]);
  expect(after.of({ slot: 4, agent: 'elsewhere' })).toEqual(['b']);
});

test('of more than a thousand agents the first have samples', () => {
  const samples = createDaySamples('samples');
  for (let slot = 0; slot < 1500; slot += 1) samples.note({ slot, agent: `app-${slot}` }, today, 'a');
  expect(samples.of({ slot: 999, agent: 'app-999' })).toEqual(['a']);
  expect(samples.of({ slot: 1000, agent: 'app-1000' })).toEqual([]);
});
