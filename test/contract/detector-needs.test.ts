import { expect, test } from 'vitest';
import type { AmissEvent } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { createDecisions } from '../../services/scorer/decisions.ts';
import type { Detector } from '../../services/scorer/detectors/detector.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import { createEngine } from '../../services/scorer/engine/engine.ts';
import { encodeState } from '../../services/scorer/state.ts';
import { simulate } from '../../services/simulator/simulate.ts';

const seed = 31;
const keptShare = 0.7;
const required = new Set(['id', 'time', 'received_at', 'space', 'source', 'destination']);

/** A day of a simulated network, attacks and all, of whose events each field is missing now and then. */
const events: readonly AmissEvent[] = (() => {
  const random = seededRandom(seed);
  const options = { agents: 20, days: 1, seed, attacks: ['token-replay', 'tls-downgrade', 'tool-change'] };
  return Array.from(simulate(options).events, ({ event }, n) =>
    withGaps({ ...event, id: `event-${n}`, received_at: event.time, space: 'default' }, random),
  );
})();

function withGaps(event: AmissEvent, random: Random): AmissEvent {
  const isKept = ([name]: [string, unknown]) => required.has(name) || random.next() < keptShare;
  const kept = Object.fromEntries(Object.entries(event).filter(isKept)) as AmissEvent;
  if (kept.attributes === undefined) return kept;
  return { ...kept, attributes: Object.fromEntries(Object.entries(kept.attributes).filter(isKept)) };
}

const outcomeOf = (detector: Detector) => {
  const engine = createEngine({
    detectors: [detector],
    decisions: createDecisions(),
    onSignal: () => undefined,
  });
  return { lnPs: events.map((event) => engine.process(event, 'both').lnP), state: encodeState(engine.save) };
};

test.each(detectors.map((detector) => [detector.name, detector] as const))(
  '%s says and learns nothing from events that it asks to be spared',
  (_, detector) => {
    const { needs: _needs, ...unspared } = detector;
    const [spared, asked] = [outcomeOf(detector), outcomeOf(unspared)];
    expect(spared.lnPs, `seed=${seed}`).toEqual(asked.lnPs);
    expect(spared.state.equals(asked.state), `seed=${seed}`).toBe(true);
  },
);
