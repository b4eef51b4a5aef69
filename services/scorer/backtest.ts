import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Alert } from '#shared/alert.ts';
import type { Decision } from '#shared/decision.ts';
import type { AmissEvent } from '#shared/event.ts';
import { lineBatchesOf } from '#shared/lines.ts';
import type { Signal } from '#shared/signal.ts';
import { createCorrelators } from './correlation/correlators.ts';
import { createDecisions } from './decisions.ts';
import type { Detector } from './detectors/detector.ts';
import { detectors as everyDetector } from './detectors/index.ts';
import { createEngine, type Verdict } from './engine/engine.ts';
import { alertsPerDayDefault } from './settings.ts';

export interface BacktestOptions {
  /** NDJSON of native events, `.gz` and `.zst` too, `-` for standard input; read one after another. */
  readonly files: readonly string[];
  /** Where to write one line for each input line: `{"n":0,"score":…,"p":…,"detector":"…"}`. */
  readonly scores?: string;
  /** Where to write one line for each signal. */
  readonly signals?: string;
  /** Where to write one line for each alert, as it last was. */
  readonly alerts?: string;
  /** Alerts a day. */
  readonly budget?: number;
  /** Event time (UTC ms) until which alerts are not told. */
  readonly learnUntil?: number;
  readonly detectors?: readonly Detector[];
  /** Known before the first event: policy, registry, planned changes. */
  readonly decisions?: readonly Decision[];
  /** Makes an event of a line's JSON; a text is the reason why it is none. The default takes plain native events. */
  readonly read?: (record: unknown, n: number) => AmissEvent | string;
  readonly onSignal?: (signal: Signal) => void;
  readonly onAlert?: (alert: Alert) => void;
  readonly onProgress?: (progress: BacktestProgress) => void;
}

interface BacktestProgress {
  readonly file: string;
  /** Bytes of the file read so far, as it lies on disk. */
  readonly bytes: number;
  readonly events: number;
  /** Event time reached, UTC ms. */
  readonly time: number;
}

export interface BacktestSummary {
  readonly events: number;
  readonly rejected: number;
  readonly late: number;
  readonly agents: number;
  readonly signals: number;
  readonly alerts: number;
  /** Event time of the first and last event, UTC ms. */
  readonly from: number;
  readonly to: number;
  /** The first rejects, with line number and reason. */
  readonly rejects: readonly string[];
}

const rejectsShown = 10;

/**
 * Runs the scorer and the correlator over recorded events: no servers, no wall-clock time, no look-ahead. Two runs
 * over the same input are identical to the byte.
 *
 * @throws {AppError} USAGE when a file is missing
 */
export async function runBacktest(options: BacktestOptions): Promise<BacktestSummary> {
  const scores = openOutput(options.scores);
  const signals = openOutput(options.signals);
  const told = new Map<string, Alert>();
  const detectors = options.detectors ?? everyDetector;
  const decisions = createDecisions();
  for (const decision of options.decisions ?? []) decisions.apply(decision.key, decision);
  const alertsPerDay = options.budget ?? alertsPerDayDefault;
  const correlators = createCorrelators({
    detectors,
    alertsPerDay,
    ...(options.learnUntil === undefined ? {} : { learnUntil: options.learnUntil }),
  });
  decisions.follow('alert', correlators.decide);
  let signalCount = 0;
  const onSignal = (signal: Signal) => {
    signalCount += 1;
    if (options.signals !== undefined) signals.write(`${JSON.stringify(signal)}\n`);
    options.onSignal?.(signal);
    for (const alert of correlators.take(signal)) {
      told.set(alert.id, alert);
      options.onAlert?.(alert);
    }
  };
  const engine = createEngine({ detectors, decisions, onSignal, alertsPerDay });
  const read = options.read ?? readNative;
  const rejects: string[] = [];
  let [n, rejected, from] = [0, 0, 0];
  for (const file of options.files) {
    let bytes = 0;
    const onBytes = (soFar: number) => {
      bytes = soFar;
    };
    for await (const lines of lineBatchesOf(file, onBytes)) {
      for (const line of lines) {
        if (line === '') continue;
        const event = read(parsed(line), n);
        if (typeof event === 'string') {
          rejected += 1;
          if (rejects.length < rejectsShown) rejects.push(`${file}: record ${n}: ${event}`);
          scores.write(`{"n":${n},"score":0,"p":1,"detector":"rejected"}\n`);
        } else {
          if (from === 0) from = event.time;
          const verdict = engine.process(event, 'both');
          if (options.scores !== undefined) scores.write(scoreLine(n, verdict));
        }
        n += 1;
      }
      options.onProgress?.({ file, bytes, events: n, time: engine.time });
      await Promise.all([scores.drained(), signals.drained()]);
    }
    options.onProgress?.({ file, bytes, events: n, time: engine.time });
  }
  const alerts = openOutput(options.alerts);
  for (const alert of told.values()) alerts.write(`${JSON.stringify(alert)}\n`);
  await Promise.all([scores.end(), signals.end(), alerts.end()]);
  return {
    events: n - rejected,
    rejected,
    late: engine.late,
    agents: engine.agents,
    signals: signalCount,
    alerts: told.size,
    from,
    to: engine.time,
    rejects,
  };
}

function scoreLine(n: number, { lnP, detector }: Verdict): string {
  return `{"n":${n},"score":${scoreText(lnP)},"p":${Math.exp(lnP)},"detector":"${detector}"}\n`;
}

// Nine digits tell any two scores of a double apart that a person or a ranking could.
const scoreText = (lnP: number) => Number((-lnP / Math.LN10).toPrecision(9));

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Takes a plain native event: time (epoch milliseconds or ISO 8601), source and destination are all it needs. */
function readNative(record: unknown, n: number): AmissEvent | string {
  if (typeof record !== 'object' || record === null) return 'it is no JSON object';
  const given = record as Partial<AmissEvent> & { time?: unknown };
  const { source, destination } = given;
  const time = typeof given.time === 'string' ? Date.parse(given.time) : given.time;
  if (typeof time !== 'number' || !(time >= 0)) return 'time: must be epoch milliseconds or ISO 8601';
  if (typeof source !== 'string' || source === '') return 'source: must be a text';
  if (typeof destination !== 'string' || destination === '') return 'destination: must be a text';
  return Object.assign(given, {
    source,
    destination,
    time,
    id: given.id ?? String(n),
    received_at: given.received_at ?? time,
    space: given.space ?? 'default',
  });
}

interface Output {
  write(text: string): void;
  /** Resolves when the disk has caught up. */
  drained(): Promise<void>;
  end(): Promise<void>;
}

const chunkCharacters = 1 << 20;

function openOutput(path: string | undefined): Output {
  if (path === undefined) {
    return { write: () => undefined, drained: () => Promise.resolve(), end: () => Promise.resolve() };
  }
  const stream: WriteStream = createWriteStream(path);
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => undefined); // it is awaited below, if anybody waits
  let chunk = '';
  const flush = () => {
    stream.write(chunk);
    chunk = '';
  };
  return {
    write: (text) => {
      chunk += text;
      if (chunk.length >= chunkCharacters) flush();
    },
    drained: async () => {
      // Asked of the stream itself: it may have drained since the last write, and would not say so again.
      if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), failed]);
    },
    end: async () => {
      flush();
      stream.end();
      await Promise.race([once(stream, 'finish'), failed]);
    },
  };
}
