import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '#shared/alert.ts';
import { reckon } from '#shared/explain/reckoning.ts';
import { recompute } from '#shared/explain/recompute.ts';
import type { Signal } from '#shared/signal.ts';
import { runBacktest } from '../../services/scorer/backtest.ts';
import { attackNames, simulate } from '../../services/simulator/simulate.ts';

// A simulated network with every attack, through the product's own backtest: whatever is told of it can be computed
// again from what was written down, to the last digit.

const runMsMax = 600_000; // some ten seconds of one processor, on a machine that may have other work

const folder = mkdtempSync(join(tmpdir(), 'amiss-explained-'));
const written: { readonly alerts: Alert[]; readonly signals: Signal[] } = { alerts: [], signals: [] };
/** As it comes out of the log: through JSON. */
const read = <T>(value: T): T => JSON.parse(JSON.stringify(value));

beforeAll(async () => {
  const file = join(folder, 'events.ndjson');
  const { events, decisions } = simulate({ agents: 30, days: 12, seed: 12, attacks: attackNames });
  writeFileSync(file, Array.from(events, ({ event }) => JSON.stringify(event)).join('\n'));
  await runBacktest({
    files: [file],
    budget: 50,
    decisions,
    onSignal: (signal) => written.signals.push(read(signal)),
    onAlert: (alert) => written.alerts.push(read(alert)),
  });
}, runMsMax);
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['alerts', 'signals'] as const)('of all %s', (kind) => {
  test('every test is computed again to exactly the p that was told', () => {
    const evidence = written[kind].flatMap((one) => one.evidence);
    const odd = evidence.filter(({ p, working }) => {
      const again = working === undefined ? undefined : recompute(working);
      return again === undefined || Math.exp(again.lnP) !== p;
    });
    expect(evidence.length).toBeGreaterThan(100);
    expect(odd.slice(0, 3)).toEqual([]);
  });

  test('the combined and calibrated p is reckoned again to exactly what was told', () => {
    const odd = written[kind].filter(({ p, score, reckoning }) => {
      if (reckoning === undefined) return true;
      const { calibrated } = reckon(reckoning);
      return Math.exp(calibrated) !== p || -calibrated / Math.LN10 !== score;
    });
    expect(odd.slice(0, 3)).toEqual([]);
  });

  test('each test that is told is among those that were combined, with the same p', () => {
    const odd = written[kind].filter(({ evidence, reckoning }) => {
      const combined = Object.values(reckoning?.tests ?? {}).flatMap((tests) => Object.entries(tests));
      // What stands alone, a finding or what lasts, is told with what the event beside it shows.
      const told = reckoning?.calibration === null ? evidence.slice(0, 1) : evidence;
      return told.some(
        ({ detector, p }) =>
          !combined.some(([name, lnP]) => name.split('/')[0] === detector && Math.exp(lnP) === p),
      );
    });
    expect(odd.slice(0, 3)).toEqual([]);
  });
});

test('the working costs a signal a few hundred bytes, the reckoning less than a kilobyte', () => {
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value ?? ''));
  const { signals } = written;
  const mean = (bytes: (signal: Signal) => number) =>
    signals.reduce((sum, signal) => sum + bytes(signal), 0) / signals.length;
  const working = mean(({ evidence }) => evidence.reduce((sum, one) => sum + bytesOf(one.working), 0));
  expect(working).toBeLessThan(900);
  expect(mean(({ reckoning }) => bytesOf(reckoning))).toBeLessThan(1000);
});
