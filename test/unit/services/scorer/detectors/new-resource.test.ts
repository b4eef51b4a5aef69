import { expect, test } from 'vitest';
import { newResource } from '../../../../../services/scorer/detectors/new-resource.ts';
import type { AmissEvent } from '../../../../../shared/event.ts';
import { ruleScene } from '../../../../support/rule-scene.ts';

const call = (n: number, resource: string, source = 'assistant-1'): AmissEvent => ({
  id: `e${n}`,
  time: n * 1000,
  received_at: n * 1000,
  space: 'default',
  source,
  source_kind: 'llm_agent',
  destination: 'bank',
  action: 'tools/call:send_money',
  resources: [resource],
});

/** Two agents that pay the same three accounts again and again. */
function taught() {
  const scene = ruleScene(newResource);
  for (let n = 0; n < 300; n += 1) scene.feed(call(n, `account-${n % 3}`, `assistant-${1 + (n % 2)}`));
  return scene;
}

test('an account that nobody of its kind ever paid is told as such', () => {
  const [told] = taught().feed(call(400, 'account-of-a-stranger'));
  expect(told?.lnP).toBeLessThan(Math.log(1e-3));
  expect(told?.sentence).toMatch(
    /account-of-a-stranger, which neither it \(150 uses\) nor anybody of its group/,
  );
});

test('an account that it always pays is nothing to speak of', () => {
  expect(taught().feed(call(400, 'account-1'))[0]?.lnP).toBe(0);
});

test('a caller that touches something new every time is not told of', () => {
  const scene = ruleScene(newResource);
  for (let n = 0; n < 200; n += 1) scene.feed(call(n, `page-${n}`));
  expect(scene.feed(call(201, 'page-201'))[0]?.lnP).toBeGreaterThan(Math.log(0.2));
});

test('what was learned survives a restart', () => {
  const [kept, restarted] = [taught(), taught()];
  restarted.restart();
  expect(restarted.feed(call(400, 'new'))).toEqual(kept.feed(call(400, 'new')));
});
