import { expect, test } from 'vitest';
import { lateralChain } from '../../../../../services/scorer/detectors/lateral-chain.ts';
import { call, ruleScene } from '../../../../support/rule-scene.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 5, 1);
const end = start + 2000 * minuteMs;

/** Services in a ring, each of which calls the next one every minute for a day and a half. */
function taught() {
  const scene = ruleScene(lateralChain);
  for (let minute = 0; minute < 2000; minute += 1)
    for (let n = 0; n < 8; n += 1) hop(scene, start + minute * minuteMs + n, [n, (n + 1) % 8]);
  return scene;
}

function hop(scene: ReturnType<typeof ruleScene>, time: number, [from, to]: readonly [number, number]) {
  const ends = { source: `s${from}`, destination: `s${to}` };
  return scene.feed(call({ ...ends, time, source_kind: 'service', destination_kind: 'service' }));
}

test('what is known, and one new edge alone, are no chain', () => {
  const scene = taught();
  expect(hop(scene, end, [0, 1])).toEqual([]);
  expect(hop(scene, end, [0, 3])).toEqual([]);
});

test('a second hop within half an hour is a chain, a third makes it less likely still', () => {
  const scene = taught();
  hop(scene, end, [0, 3]);
  const [two] = hop(scene, end + 10 * minuteMs, [3, 6]);
  const [three] = hop(scene, end + 20 * minuteMs, [6, 1]);
  expect(two?.lnP).toBeLessThan(Math.log(1e-3));
  expect(three?.lnP).toBeLessThan((two?.lnP ?? 0) - 1);
  expect(three?.sentence).toBe(
    's0 → s3 → s6 → s1: 3 connections that were never made before, one after another within 20 minutes from 2026-06-02 09:20 UTC on',
  );
});

test('of a longer walk the last three hops are told', () => {
  const scene = taught();
  for (const [n, ends] of (
    [
      [0, 3],
      [3, 6],
      [6, 1],
    ] as const
  ).entries())
    hop(scene, end + n * minuteMs, ends);
  const [told] = hop(scene, end + 5 * minuteMs, [1, 4]);
  expect(told?.sentence).toMatch(/^s3 → s6 → s1 → s4: 3 connections/);
});

test('a hop more than half an hour later begins anew', () => {
  const scene = taught();
  hop(scene, end, [0, 3]);
  expect(hop(scene, end + 31 * minuteMs, [3, 6])).toEqual([]);
});

test('an answer to the stranger is no hop', () => {
  const scene = taught();
  hop(scene, end, [0, 3]);
  expect(hop(scene, end + minuteMs, [3, 0])).toEqual([]);
});

test('the second call over a hop is none', () => {
  const scene = taught();
  hop(scene, end, [0, 3]);
  hop(scene, end + minuteMs, [3, 6]);
  expect(hop(scene, end + 2 * minuteMs, [3, 6])).toEqual([]);
});

test('a hop says less where many called', () => {
  const [quiet, busy] = [taught(), taught()];
  for (const scene of [quiet, busy]) hop(scene, end, [0, 3]);
  for (let minute = 1; minute < 20; minute += 1) hop(busy, end + minute * minuteMs, [2, 3]);
  const [inQuiet] = hop(quiet, end + 20 * minuteMs, [3, 6]);
  const [inBusy] = hop(busy, end + 20 * minuteMs, [3, 6]);
  expect(inBusy?.lnP).toBeGreaterThan(inQuiet?.lnP ?? 0);
});

test('a walk that has begun survives a restart', () => {
  const scene = taught();
  hop(scene, end, [0, 3]);
  scene.restart();
  const [told] = hop(scene, end + minuteMs, [3, 6]);
  expect(told?.sentence).toMatch(/^s0 → s3 → s6: 2 connections/);
});
