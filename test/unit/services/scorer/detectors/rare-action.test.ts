import { expect, test } from 'vitest';
import { rareAction } from '../../../../../services/scorer/detectors/rare-action.ts';
import { call, ruleScene } from '../../../../support/rule-scene.ts';

/** Two services that do the same three things again and again. */
function taught() {
  const scene = ruleScene(rareAction);
  for (let n = 0; n < 600; n += 1) {
    scene.feed(
      call({ source: n % 2 === 0 ? 'web' : 'app', source_kind: 'service', action: `GET /${n % 3}` }),
    );
  }
  return scene;
}

test('what nobody of its kind ever did is told as such', () => {
  const [told] = taught().feed(call({ source_kind: 'service', action: 'DELETE /all' }));
  expect(told?.lnP).toBeLessThan(Math.log(1e-3));
  expect(told?.sentence).toBe('web did DELETE /all, which neither it (300 calls) nor its group ever did');
});

test('what it always does is nothing to speak of, and only whoever acts is judged', () => {
  expect(taught().feed(call({ source_kind: 'service', action: 'GET /1' }))).toMatchObject([
    { side: 'source', lnP: 0 },
  ]);
});

test('of a language model a tool is told that none of its group ever called, and no choice among the others', () => {
  const scene = ruleScene(rareAction);
  const model = (source: string, action: string) =>
    scene.feed(call({ source, source_kind: 'llm_agent', action }));
  for (let n = 0; n < 600; n += 1) model(n % 2 === 0 ? 'helper' : 'writer', `tools/call:${n % 2}`);
  expect(model('helper', 'tools/call:1')).toEqual([]); // of the other one alone
  const [told] = model('helper', 'tools/call:odd');
  expect(told?.lnP).toBeLessThan(Math.log(1e-2));
  expect(told?.lnP).toBeGreaterThan(Math.log(1e-4)); // 600 calls say no more than that
});

test('an event without an action is not judged', () => {
  expect(taught().feed(call({ source_kind: 'service' }))).toEqual([]);
});

test('what was learned survives a restart', () => {
  const [kept, restarted] = [taught(), taught()];
  restarted.restart();
  const event = call({ source_kind: 'service', action: 'PUT /x' });
  expect(restarted.feed(event)).toEqual(kept.feed(event));
});
