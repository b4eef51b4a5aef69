import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { type BacktestOptions, runBacktest } from '../../../../services/scorer/backtest.ts';
import type { NativeEvent } from '../../../../services/simulator/call.ts';
import {
  type AttackInstance,
  type SimulateOptions,
  simulate,
} from '../../../../services/simulator/simulate.ts';
import { cacheOf, type Scratch } from '../backtest.ts';

/** Monday 2026-01-05: the first moment of every simulated network here. */
export const networkStart = Date.UTC(2026, 0, 5);
export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

/** What an analyst was told: an alert, or a revision of one. */
export interface Told {
  readonly id: string;
  readonly revision: number;
  /** Event time at which it was told, UTC ms. */
  readonly time: number;
  readonly agent: string;
  readonly peers: readonly string[];
  readonly detectors: readonly string[];
  /** Line numbers of its sample events. */
  readonly lines: readonly number[];
}

/** A simulated network on disk, as the backtest reads it. */
export interface RecordedNetwork {
  readonly file: string;
  readonly instances: readonly AttackInstance[];
  readonly decisions: BacktestOptions['decisions'];
  /** Attack instance by line number, or the label of an alteration; 0 = ordinary. */
  readonly labels: Int32Array;
  /** When each label first showed in an event, UTC ms. */
  readonly shownAt: ReadonlyMap<number, number>;
}

const chunkLines = 4096;

/** What becomes of an ordinary event: the event, and what follows from it, each with its label. */
export type Alteration = (
  event: NativeEvent,
) => readonly { readonly event: NativeEvent; readonly label: number }[];

/**
 * Writes a simulated network to the cache: one event a line.
 *
 * @param alter what happens in it beside attacks: nothing unless given
 */
export async function recordNetwork(
  scratch: Scratch,
  name: string,
  options: SimulateOptions,
  alter: Alteration = (event) => [{ event, label: 0 }],
): Promise<RecordedNetwork> {
  const file = join(cacheOf(scratch, 'simulator'), `${name}.ndjson`);
  const { instances, decisions, events } = simulate({ start: networkStart, ...options });
  const out = createWriteStream(file);
  const labels: number[] = [];
  const shownAt = new Map<number, number>();
  let lines: string[] = [];
  const flush = () => {
    const isFull = lines.length > 0 && !out.write(`${lines.join('\n')}\n`);
    lines = [];
    return isFull ? once(out, 'drain') : undefined;
  };
  for (const { event, instance } of events) {
    for (const altered of instance === 0 ? alter(event) : [{ event, label: instance }]) {
      lines.push(JSON.stringify(altered.event));
      labels.push(altered.label);
      if (!shownAt.has(altered.label)) shownAt.set(altered.label, altered.event.time);
    }
    if (lines.length >= chunkLines) await flush();
  }
  await flush();
  out.end();
  await finished(out);
  return { file, instances, decisions, labels: Int32Array.from(labels), shownAt };
}

/** The product's own backtest over a recorded network, which knows the network's policy and registry. */
export async function tellNetwork(
  scratch: Scratch,
  network: RecordedNetwork,
  options: Omit<BacktestOptions, 'files'>,
): Promise<readonly Told[]> {
  scratch.say(`simulator: backtest of ${network.labels.length} events, ${network.file}`);
  const told: Told[] = [];
  const summary = await runBacktest({
    ...(network.decisions !== undefined && { decisions: network.decisions }),
    ...options,
    files: [network.file],
    onAlert: (alert) => {
      const { id, revision, agent, peers, detectors, events } = alert;
      told.push({
        id,
        revision,
        time: alert.updated_at,
        agent,
        peers,
        detectors,
        lines: events.map(Number),
      });
    },
  });
  if (summary.rejected > 0) throw new Error(`${network.file}: ${summary.rejects.join('; ')}`);
  return told;
}
