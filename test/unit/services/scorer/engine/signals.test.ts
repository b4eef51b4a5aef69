import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createFirstSeen } from '../../../../../services/scorer/baseline/categories/first-seen.ts';
import { createRanks } from '../../../../../services/scorer/baseline/categories/ranks.ts';
import { createAgents } from '../../../../../services/scorer/baseline/members/agents.ts';
import { createVersions } from '../../../../../services/scorer/baseline/members/versions.ts';
import { createEdges } from '../../../../../services/scorer/baseline/tables/edges.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { volume } from '../../../../../services/scorer/detectors/volume.ts';
import { createPlannedChanges } from '../../../../../services/scorer/engine/planned-changes.ts';
import { createSignals } from '../../../../../services/scorer/engine/signals.ts';
import { event, streamStart } from '../../../../support/detector-stream.ts';

const windowMs = 300_000;
const windows = 300;
const members = 20;

/** Signals of a group of callers, told of windows by number, and the score of the newest signal. */
function groupOfCallers() {
  const agents = createAgents();
  const edges = createEdges();
  const decisions = createDecisions();
  const callers = createRanks('callers', 8);
  let score = 0;
  const signals = createSignals({
    watches: [{ detector: volume, model: volume.create({ agents, edges, callers, decisions }) }],
    agents,
    firstSeen: createFirstSeen(agents),
    versions: createVersions(),
    planned: createPlannedChanges(decisions, agents),
    onSignal: (signal) => {
      score = signal.score;
    },
    onHeldBack: () => undefined,
    alertsPerDay: 10,
  });
  /** A window of a member is as surprising as this, in nats. */
  const see = (window: number, member: number, surprise: number) => {
    const call = event(streamStart + window * windowMs, `member-${member}`, 'server', window);
    const agent = agents.intern(call.space, call.source, call.source_kind, call.time);
    const peer = agents.intern(call.space, call.destination, call.destination_kind, call.time);
    const ends = { agent, peer, edge: edges.intern(agent, peer), reverse: -1 };
    const groups = { group: agents.group(agent), peerGroup: agents.group(peer) };
    signals.see(
      { event: call, time: call.time, side: 'source', ...ends, ...groups, isPlanned: false },
      { lnP: -surprise, lnPs: Float64Array.of(-surprise), tests: () => ({}), isPlanned: false },
    );
  };
  return { see, score: () => score };
}

/** The score of one member, after a day of the group's ordinary windows and then these of another member. */
function scoreAfter(unusual: readonly number[]): number {
  const { see, score } = groupOfCallers();
  const random = seededRandom(17);
  for (let window = 0; window < windows; window += 1)
    for (let member = 0; member < members; member += 1) see(window, member, -Math.log(1 - random.next()));
  for (const [i, surprise] of unusual.entries()) see(windows + i, 0, surprise);
  see(windows + unusual.length, 1, 14);
  return score();
}

test('what is unusual for hours is one surprise, and makes the next one no more ordinary', () => {
  const spared = scoreAfter([]);
  expect(scoreAfter(Array.from({ length: 100 }, () => 6.5))).toBeGreaterThan(0.95 * spared);
});

test('a surprise that comes back time and again is ordinary', () => {
  const returning = Array.from({ length: 700 }, (_, i) => (i % 7 === 0 ? 6.5 : 0.1));
  expect(scoreAfter(returning)).toBeLessThan(0.6 * scoreAfter([]));
});
