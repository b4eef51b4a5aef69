import { expect, test } from 'vitest';
import { createAgents, spacesMax } from '../../../../../../services/scorer/baseline/members/agents.ts';
import { decodeState, encodeState } from '../../../../../../services/scorer/state.ts';

test('spaces are numbered in the order in which they come, also after a restart', () => {
  const agents = createAgents();
  expect(['a', 'b', 'a'].map((space) => agents.populationOf(space))).toEqual([0, 1, 0]);
  const after = createAgents();
  after.restore(decodeState(encodeState(agents.save)));
  expect(['b', 'c', 'a'].map((space) => after.populationOf(space))).toEqual([1, 2, 0]);
});

test('spaces beyond the limit share a number, and never an agent', () => {
  const agents = createAgents();
  for (let n = 0; n < spacesMax + 10; n += 1) agents.intern(`space-${n}`, 'web', undefined, 1);
  const last = [spacesMax, spacesMax + 1].map((n) => `space-${n}`);
  expect(last.map((space) => agents.populationOf(space))).toEqual([spacesMax - 1, spacesMax - 1]);
  expect(new Set(last.map((space) => agents.find(space, 'web'))).size).toBe(2);
});

test('a slot that is given back is nobody until it is somebody else', () => {
  const agents = createAgents();
  const slot = agents.intern('a', 'web', undefined, 1);
  agents.release(slot);
  expect([agents.find('a', 'web'), agents.count]).toEqual([-1, 0]);
  expect(agents.intern('b', 'shop', undefined, 2)).toBe(slot);
  expect([agents.space(slot), agents.population(slot), agents.firstSeen(slot)]).toEqual(['b', 1, 2]);
});
