import { createCorrelator } from '../../services/scorer/correlation/correlator.ts';
import { detectors } from '../../services/scorer/detectors/index.ts';
import type { Evidence, Signal } from '../../shared/signal.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const start = Date.UTC(2026, 5, 8);
/** After the week that a settled correlator has seen. */
export const attack = start + 169 * hourMs;

let n = 0;

type Given = Partial<Omit<Signal, 'evidence'>> & {
  readonly agent: string;
  readonly time: number;
  readonly score: number;
  /** Those that saw it, strongest first. `volume` unless given. */
  readonly detectors?: readonly string[];
  /** Of the first piece of evidence. */
  readonly evidence?: Partial<Evidence>;
};

/** A signal about a caller, in all that it does not say like any other. */
export function signal({ detectors: names = ['volume'], evidence, ...given }: Given): Signal {
  n += 1;
  const p = 10 ** -given.score;
  return {
    id: `signal-${n}`,
    space: 'default',
    peer: 'server',
    cause: `${names[0]}/source/${given.agent}`,
    p,
    evidence: names.map((detector, i) => ({
      detector,
      p,
      observed: 500,
      expected: 5,
      lower: 1,
      upper: 12,
      unit: 'calls out within 1 minute',
      baseline_source: 'self',
      group: 'service',
      group_expected: 4,
      subject: null,
      from: given.time,
      to: given.time + minuteMs,
      sentence: `${given.agent} made 500 calls within 1 minute, where 5 is usual`,
      ...(i === 0 ? evidence : {}),
    })),
    first_seen: null,
    events: [`event-${n}`],
    trace_id: null,
    ...given,
  };
}

/** A correlator that has seen a quiet week of faint signals, of scores below 3. */
export function settled(options: Partial<Parameters<typeof createCorrelator>[0]> = {}) {
  const correlator = createCorrelator({ alertsPerDay: 1, detectors, ...options });
  for (let hour = 0; hour < 168; hour += 1) {
    const score = 1 + (hour % 24) / 12;
    correlator.take(signal({ agent: `quiet-${hour}`, peer: null, time: start + hour * hourMs, score }));
  }
  return correlator;
}
