import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reachGraph } from '#shared/posture/blast-radius.ts';

test('reach is counted by hops, each agent once, and never the agent itself', () => {
  const graph = reachGraph([
    ['a', 'b'],
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
    ['b', 'd'],
    ['d', 'e'],
  ]);
  expect(graph.radiusOf('a', 2)).toEqual({
    agent: 'a',
    by_hops: [1, 2],
    reachable: 3,
    nearest: [
      { agent: 'b', hops: 1 },
      { agent: 'c', hops: 2 },
      { agent: 'd', hops: 2 },
    ],
  });
  expect(graph.radiusOf('a', 6).by_hops).toEqual([1, 2, 1]);
  expect(graph.radiusOf('nobody', 3).reachable).toBe(0);
});

test('more hops never reach less', () => {
  const agent = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  fc.assert(
    fc.property(fc.array(fc.tuple(agent, agent)), (edges) => {
      const graph = reachGraph(edges);
      const reached = [1, 2, 3, 4].map((hops) => graph.radiusOf('a', hops).reachable);
      expect(reached).toEqual(reached.toSorted((x, y) => x - y));
    }),
    { seed: 3 },
  );
});
