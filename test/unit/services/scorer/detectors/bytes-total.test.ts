import { expect, test } from 'vitest';
import { seededRandom } from '#shared/random.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { bytesTotal } from '../../../../../services/scorer/detectors/bytes-total.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { logNormal, poisson } from '../../../../../services/simulator/draws.ts';
import { event } from '../../../../support/detector-stream.ts';

const start = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;
const typicalBytes = 2000;

function network(seed: number) {
  const random = seededRandom(seed);
  const engine = createEngine({
    detectors: [bytesTotal],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  /** An hour of ten services, some 20 calls each; least ln p by caller. */
  const hour = (number: number, callsOfFirst = poisson(random, 20)): readonly number[] => {
    const calls = Array.from({ length: 10 }, (_, agent) =>
      Array.from({ length: agent === 0 ? callsOfFirst : poisson(random, 20) }, (_, n) => ({
        ...event(start + (number + random.next()) * hourMs, `service-${agent}`, `store-${agent}`, n),
        bytes_out: Math.round(logNormal(random, typicalBytes, 0.5)),
      })),
    ).flat();
    const least = new Map<string, number>();
    for (const call of calls.sort((a, b) => a.time - b.time)) {
      const { lnP } = engine.process(call, 'source');
      least.set(call.source, Math.min(lnP, least.get(call.source) ?? 0));
    }
    return Array.from({ length: 10 }, (_, agent) => least.get(`service-${agent}`) ?? 0);
  };
  return { hour };
}

test('many messages of ordinary size are unusual as a whole', () => {
  const { hour } = network(1);
  for (let number = 0; number < 400; number += 1) hour(number);
  const [first = 0, ...others] = hour(400, 200);
  expect(first).toBeLessThan(Math.log(1e-5));
  expect(Math.min(...others)).toBeGreaterThan(Math.log(1e-3));
});
