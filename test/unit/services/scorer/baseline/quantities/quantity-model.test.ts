import { describe, expect, test } from 'vitest';
import { bytesIn } from '../../../../../../services/scorer/detectors/bytes-in.ts';
import { bytesOut } from '../../../../../../services/scorer/detectors/bytes-out.ts';
import { logNormal } from '../../../../../../services/simulator/draws.ts';
import type { AmissEvent } from '../../../../../../shared/event.ts';
import { seededRandom } from '../../../../../../shared/random.ts';
import { ruleScene } from '../../../../../support/rule-scene.ts';

const call = (n: number, facts: Partial<AmissEvent>): AmissEvent => ({
  id: `e${n}`,
  time: n * 1000,
  received_at: n * 1000,
  space: 'default',
  source: 'shop',
  destination: 'stock',
  action: 'GET /items/{id}',
  ...facts,
});

describe.each([
  { detector: bytesOut, field: 'bytes_out', verb: 'shop sent' },
  { detector: bytesIn, field: 'bytes_in', verb: 'shop got' },
] as const)('$detector.name', ({ detector, field, verb }) => {
  const taught = (facts: Partial<AmissEvent>) => {
    const scene = ruleScene(detector);
    const random = seededRandom(5);
    for (let n = 0; n < 800; n += 1) {
      scene.feed(call(n, { ...facts, [field]: Math.round(logNormal(random, 2000, 0.3)) }));
    }
    return scene;
  };
  const lowest = (told: readonly { readonly lnP: number }[]) => Math.min(...told.map(({ lnP }) => lnP));

  test('a message a hundred times as large as ever is told', () => {
    const told = taught({}).feed(call(900, { [field]: 200_000 }));
    expect(lowest(told)).toBeLessThan(Math.log(1e-4));
    expect(told[0]?.sentence).toMatch(verb);
  });

  test('a small message is not', () => {
    expect(lowest(taught({}).feed(call(900, { [field]: 10 })))).toBeGreaterThan(Math.log(0.5));
  });

  test('a text of a language model may be three times as long', () => {
    const model = { source_kind: 'llm_agent', protocol: 'mcp' } as const;
    const program = lowest(taught({}).feed(call(900, { [field]: 8000 })));
    expect(lowest(taught(model).feed(call(900, { ...model, [field]: 8000 })))).toBeGreaterThan(program / 2);
  });
});
