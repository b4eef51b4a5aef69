import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One call of one pod to another. */
export interface Call {
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly action: string;
  readonly durationMs: number;
  readonly trace: string;
  /** The capture that it comes from. */
  readonly fault: string;
}

export interface Fault {
  readonly id: string;
  readonly injectedAt: number;
  /** The faulty pod. */
  readonly pod: string;
  readonly type: string;
  readonly capturedUntil: number;
}

/** Where a call comes from that has no parent span: no pod. */
const outsiders = new Set(['client', 'unknown']);
/** What happens in the first second after the injection is left out: the README's protocol. */
const settleMs = 1000;
const afterCaptureMs = 60_000;

/** Reads `calls.csv.gz`, in time order (stable). */
export function readCalls(path: string): readonly Call[] {
  const [, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const calls = lines.map((line): Call => {
    const [time, source = '', destination = '', action = '', own, ofCaller = '', trace = '', fault = ''] =
      line.split(',');
    const durationUs = Number(ofCaller === '' ? own : ofCaller);
    return { time: Number(time), source, destination, action, durationMs: durationUs / 1000, trace, fault };
  });
  return calls.sort((left, right) => left.time - right.time);
}

/** Reads `faults.csv`. */
export function readFaults(path: string): readonly Fault[] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [id = '', , , injectedMs, pod = '', , type = '', , , lastMs] = line.split(',');
    return { id, injectedAt: Number(injectedMs), pod, type, capturedUntil: Number(lastMs) };
  });
}

/** Writes the calls as native events, one JSON object a line. */
export function writeCallEvents(calls: readonly Call[], path: string): void {
  const lines = calls.map((call) =>
    JSON.stringify({
      time: call.time,
      source: call.source,
      destination: call.destination,
      action: call.action,
      duration_ms: Math.max(0, call.durationMs),
      trace_id: call.trace,
    }),
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
}

/** Which place the faulty pod has when pods are ranked by a figure; a tie counts against it. */
function placeOf(pod: string, figures: ReadonlyMap<string, number>): number {
  const own = figures.get(pod) ?? Number.NEGATIVE_INFINITY;
  let place = 1;
  for (const [other, figure] of figures) if (other !== pod && figure >= own) place += 1;
  return place;
}

/**
 * Ranks pods by how much their mean score rose: after the injection (one second left out) minus before it, as source
 * or as destination, whichever rose more. A role without calls on either side of the injection has not risen.
 *
 * @returns the faulty pod's place, 1 = first
 */
export function placeByScores(fault: Fault, calls: readonly Call[], scores: Float64Array): number {
  const roles = new Map<string, { before: number; beforeCount: number; after: number; afterCount: number }>();
  calls.forEach((call, i) => {
    if (call.fault !== fault.id) return;
    const isBefore = call.time < fault.injectedAt;
    if (!isBefore && call.time < fault.injectedAt + settleMs) return;
    for (const role of [`source ${call.source}`, `destination ${call.destination}`]) {
      const sums = roles.get(role) ?? { before: 0, beforeCount: 0, after: 0, afterCount: 0 };
      roles.set(role, sums);
      if (isBefore) {
        sums.before += scores[i] ?? 0;
        sums.beforeCount += 1;
      } else {
        sums.after += scores[i] ?? 0;
        sums.afterCount += 1;
      }
    }
  });
  const rises = new Map<string, number>();
  for (const [role, sums] of roles) {
    const pod = role.slice(role.indexOf(' ') + 1);
    if (outsiders.has(pod)) continue;
    const isKnown = sums.beforeCount > 0 && sums.afterCount > 0;
    const rise = isKnown ? sums.after / sums.afterCount - sums.before / sums.beforeCount : 0;
    rises.set(pod, Math.max(rise, rises.get(pod) ?? Number.NEGATIVE_INFINITY));
  }
  return placeOf(fault.pod, rises);
}

/** Ranks pods by their highest alert, from the injection to a minute after the capture. A pod without one has none. */
export function placeByAlerts(
  fault: Fault,
  alerts: readonly { readonly agent: string; readonly time: number; readonly score: number }[],
): number {
  const highest = new Map<string, number>();
  for (const { agent, time, score } of alerts) {
    if (time < fault.injectedAt || time > fault.capturedUntil + afterCaptureMs || outsiders.has(agent))
      continue;
    highest.set(agent, Math.max(score, highest.get(agent) ?? Number.NEGATIVE_INFINITY));
  }
  return highest.has(fault.pod) ? placeOf(fault.pod, highest) : Number.POSITIVE_INFINITY;
}
