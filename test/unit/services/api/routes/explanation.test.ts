import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';
import { createCorrelator } from '../../../../../services/scorer/correlation/correlator.ts';
import { createDecisions } from '../../../../../services/scorer/decisions.ts';
import { detectors } from '../../../../../services/scorer/detectors/index.ts';
import { createEngine } from '../../../../../services/scorer/engine/engine.ts';
import { testAlert } from '../../../../support/alerts.ts';
import { type RunningApi, startTestApi } from '../../../../support/api.ts';
import { event, quietNetwork } from '../../../../support/detector-stream.ts';
import { ndjson } from '../../../../support/store-events.ts';

interface Explanation {
  readonly p: number;
  readonly agrees: boolean | null;
  readonly combined: { readonly p: number; readonly lines: readonly string[] } | null;
  readonly calibrated: { readonly p: number; readonly lines: readonly string[] } | null;
  readonly evidence: readonly {
    readonly detector: string;
    readonly p: number;
    readonly recomputed: number | null;
    readonly agrees: boolean | null;
    readonly observed: number;
    readonly counted: number | null;
    readonly lines: readonly string[];
    readonly stored: readonly string[];
  }[];
}

const flood = { source: 'service-1', destination: 'service-2', calls: 300 };
let api: RunningApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

let inserts = 0; // equal tokens would be one insert
const insert = (table: string, rows: readonly unknown[]) => {
  inserts += 1;
  return api.store.insert({ table, rows: ndjson(rows), token: `test/${inserts}` });
};

/** A quiet network and a flood at its end, and what is told of it. */
function floodedNetwork(): { readonly events: readonly AmissEvent[]; readonly alert: Alert } {
  const quiet = [...quietNetwork(20_000, 13)];
  const start = Math.ceil((quiet.at(-1)?.time ?? 0) / 60_000) * 60_000 + 60_000;
  const calls = Array.from({ length: flood.calls }, (_, n) =>
    event(start + n, flood.source, flood.destination, 1_000_000 + n),
  );
  const events = [...quiet, ...calls].map((one, n) => ({
    ...one,
    id: `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    received_at: Date.now(),
  }));
  let newest: Alert | undefined;
  const correlator = createCorrelator({ alertsPerDay: 1000, detectors });
  const engine = createEngine({
    detectors,
    decisions: createDecisions(),
    onSignal: (signal) => {
      for (const alert of correlator.take(signal)) {
        if (alert.agent === flood.source || alert.peers.includes(flood.source)) newest = alert;
      }
    },
  });
  for (const one of events) engine.process(one, 'both');
  if (newest === undefined) throw new Error('the flood was not told');
  return { events, alert: newest };
}

test('computes the p-values of a flood again, and counts its calls in the store', async () => {
  const { events, alert } = floodedNetwork();
  await insert('events', events);
  await insert('alert_history', [alert]);
  const { status, body } = await api.get(`/alerts/${alert.id}/explanation`);
  expect(status).toBe(200);
  const { p, evidence, agrees: whole, combined, calibrated } = body as Explanation;
  expect(p).toBe(alert.p);
  expect(whole).toBe(true);
  expect(calibrated?.p).toBe(alert.p);
  expect(combined?.lines.join('\n')).toContain('volume: ');
  const counts = evidence.filter(({ counted }) => counted !== null);
  expect(counts.map(({ detector }) => detector)).toEqual(expect.arrayContaining(['volume', 'edge-burst']));
  for (const { observed, counted } of counts) expect(counted).toBe(observed);
  for (const { agrees, lines } of evidence) {
    expect(agrees).toBe(true);
    expect(lines.at(-1)).toMatch(/stored: the same, to the last digit$/);
  }
  const flooded = evidence.find(({ detector }) => detector === 'edge-burst');
  expect(flooded?.stored[0]).toBe(`${flooded?.observed} calls: as observed`);
  expect(flooded?.stored[1]).toMatch(/^the seven days before hold .* windows like this one/);
});

test('says so where a detector stored no working', async () => {
  await insert('alert_history', [testAlert(1)]);
  const { body } = await api.get(`/alerts/${testAlert(1).id}/explanation`);
  expect((body as Explanation).evidence[0]).toMatchObject({ recomputed: null, agrees: null, counted: null });
  expect((body as Explanation).evidence[0]?.lines[0]).toContain('stores no working');
  expect(body as Explanation).toMatchObject({ agrees: null, combined: null, calibrated: null });
});

test('an alert that is not there is not explained', async () => {
  expect((await api.get('/alerts/none/explanation')).status).toBe(404);
});
