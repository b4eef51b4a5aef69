import { expect, test } from 'vitest';
import { turnedSession } from '../../../../../services/scorer/detectors/turned-session.ts';
import type { AmissEvent } from '../../../../../shared/event.ts';
import { ruleScene } from '../../../../support/rule-scene.ts';

interface Tool {
  readonly tool: string;
  readonly bytes: number;
  readonly target?: string;
}

let clock = 0;
const call = (session: string, { tool, bytes, target }: Tool): AmissEvent => {
  clock += 1000;
  return {
    id: `e${clock}`,
    time: clock,
    received_at: clock,
    space: 'default',
    source: 'assistant',
    source_kind: 'llm_agent',
    destination: 'office',
    protocol: 'mcp',
    action: `tools/call:${tool}`,
    bytes_in: bytes,
    session,
    ...(target !== undefined && { resources: [target] }),
  };
};

const read: Tool = { tool: 'read_mail', bytes: 1200 };
const strangeAnswer: Tool = { tool: 'read_mail', bytes: 2100 };
const write: Tool = { tool: 'send_mail', bytes: 60, target: 'boss@corp.example' };
const strangeTarget: Tool = { tool: 'send_mail', bytes: 60, target: 'drop@mail.example' };

/** An agent that read mail and wrote to its boss, in so many sessions. */
function taught(sessions: number) {
  const scene = ruleScene(turnedSession);
  for (let n = 0; n < sessions; n += 1) for (const tool of [read, write]) scene.feed(call(`s${n}`, tool));
  return scene;
}

/** ln p at the end of a session of two calls. */
function endOf(first: Tool, second: Tool): number {
  const scene = taught(100);
  scene.feed(call('tested', first));
  return scene.feed(call('tested', second))[0]?.lnP ?? Number.NaN;
}

test('a strange answer and then a strange target are more than either', () => {
  const both = endOf(strangeAnswer, strangeTarget);
  expect(both).toBeLessThan(endOf(read, strangeTarget) - 2);
  expect(both).toBeLessThan(endOf(strangeAnswer, write) - 2);
  expect(both).toBeLessThan(Math.log(1e-4));
});

test('the answer of a strange target is no cause of touching it', () => {
  const answeredAtLength: Tool = { ...strangeTarget, bytes: 2100 };
  expect(endOf(read, answeredAtLength)).toBeCloseTo(endOf(read, strangeTarget), 6);
});

test('a strange answer after a strange target is no cause of it either', () => {
  expect(endOf(strangeTarget, strangeAnswer)).toBeGreaterThan(endOf(strangeAnswer, strangeTarget) + 2);
});

test('an ordinary session is nothing to speak of', () => {
  expect(endOf(read, write)).toBeGreaterThan(Math.log(0.5));
});

test('what another session saw does not count', () => {
  const scene = taught(100);
  scene.feed(call('other', strangeAnswer));
  const [told] = scene.feed(call('tested', strangeTarget));
  expect(told?.lnP).toBeGreaterThan(endOf(strangeAnswer, strangeTarget) + 2);
});

test('without a name a session ends when its agent pauses', () => {
  const scene = taught(100);
  const unnamed = (tool: Tool) => {
    const { session: _, ...event } = call('', tool);
    return event;
  };
  scene.feed(unnamed(strangeAnswer));
  clock += 10 * 60_000;
  const [told] = scene.feed(unnamed(strangeTarget));
  expect(told?.lnP).toBeGreaterThan(endOf(strangeAnswer, strangeTarget) + 2);
});

test('calls between programs are not judged', () => {
  const { source_kind: _, protocol: __, ...event } = call('s', read);
  expect(taught(1).feed({ ...event, action: 'GET /' })).toEqual([]);
});

test('a running session survives a restart', () => {
  const scene = taught(100);
  scene.feed(call('tested', strangeAnswer));
  scene.restart();
  expect(scene.feed(call('tested', strangeTarget))[0]?.lnP).toBeCloseTo(
    endOf(strangeAnswer, strangeTarget),
    6,
  );
});
