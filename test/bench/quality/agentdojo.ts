import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Random, seededRandom } from '../../../shared/random.ts';
import { argumentResources } from './argument-resources.ts';

/** One conversation of one agent: its tool calls in order. */
export interface Run {
  /** `MODEL@SUITE`. */
  readonly agent: string;
  readonly suite: string;
  /** What the user asked for: of its suite, the same for all agents. */
  readonly task: string;
  /** User task modulo five: tasks of one fold are learned or tested, never both. */
  readonly fold: number;
  readonly kind: 'benign' | 'resisted' | 'hijacked';
  readonly calls: readonly ToolCall[];
}

interface ToolCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>> | null;
  readonly in_bytes: number | null;
  readonly out_bytes: number | null;
  readonly status: 'ok' | 'error' | 'no_result';
}

/** What is learned and then tested in one backtest, as native events in time order. */
export interface Batch {
  readonly learnUntil: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** The tested runs with the indexes of their events. */
  readonly tested: readonly { readonly run: Run; readonly events: readonly number[] }[];
}

const folds = 5;

interface RunLine {
  readonly agent: string;
  readonly suite: string;
  readonly user_task: string;
  readonly attacked: boolean;
  readonly hijacked: boolean;
  readonly calls: readonly ToolCall[];
}

/** Reads `runs_public.jsonl.gz`. */
export function readRuns(path: string): readonly Run[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const parsed = JSON.parse(line) as RunLine;
    const task = Number(parsed.user_task.replace(/^.*_/, ''));
    return {
      agent: `${parsed.agent}@${parsed.suite}`,
      suite: parsed.suite,
      task: parsed.user_task,
      fold: task % folds,
      kind: parsed.hijacked ? 'hijacked' : parsed.attacked ? 'resisted' : 'benign',
      calls: parsed.calls,
    };
  });
}

/**
 * The batches of the README's protocol: each learns the benign runs of the other folds in shuffled order, then tests
 * either one agent's benign runs of its fold, or at most one hijacked run a suite. Attacked runs that resisted are
 * in no batch; a run without calls is, and has nothing to show.
 */
export function* batchesOf(runs: readonly Run[], seed: number): Generator<Batch> {
  const random = seededRandom(seed);
  for (let fold = 0; fold < folds; fold += 1) {
    const learned = runs.filter((run) => run.kind === 'benign' && run.fold !== fold);
    const tested = runs.filter((run) => run.fold === fold);
    for (const group of [...benignGroups(tested), ...hijackedGroups(tested)]) {
      yield toBatch(shuffled(learned, random), group);
    }
  }
}

function benignGroups(tested: readonly Run[]): readonly (readonly Run[])[] {
  return [...Map.groupBy(onlyKind(tested, 'benign'), (run) => run.agent).values()];
}

/** The n-th hijacked run of every suite forms the n-th group: none can teach another its attacker. */
function hijackedGroups(tested: readonly Run[]): readonly (readonly Run[])[] {
  const bySuite = [...Map.groupBy(onlyKind(tested, 'hijacked'), (run) => run.suite).values()];
  const longest = Math.max(0, ...bySuite.map((ofSuite) => ofSuite.length));
  return Array.from({ length: longest }, (_, n) => bySuite.flatMap((ofSuite) => ofSuite.slice(n, n + 1)));
}

const onlyKind = (runs: readonly Run[], kind: Run['kind']) => runs.filter((run) => run.kind === kind);

/** Fisher and Yates's shuffle of a copy. */
function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1));
    const [left, right] = [copy[i], copy[j]];
    if (left !== undefined && right !== undefined) {
      copy[i] = right;
      copy[j] = left;
    }
  }
  return copy;
}

// The set has no clock, only order: a run every five minutes, a call every two seconds, from an arbitrary Monday.
const clockStart = Date.UTC(2024, 0, 1);
const runEveryMs = 300_000;
const callEveryMs = 2000;
const outcomes = { ok: 'success', error: 'error', no_result: 'unknown' } as const;

function toBatch(learned: readonly Run[], tested: readonly Run[]): Batch {
  const events: Record<string, unknown>[] = [];
  const places = [...learned, ...tested].map((run, order) => {
    const start = clockStart + order * runEveryMs;
    return run.calls.map((call, i) => {
      const resources = argumentResources(call.args ?? {});
      return (
        events.push({
          time: start + i * callEveryMs,
          source: run.agent,
          source_kind: 'llm_agent',
          destination: `tools@${run.suite}`,
          destination_kind: 'tool',
          protocol: 'mcp',
          action: `tools/call:${call.tool}`,
          ...(resources.length > 0 && { resources }),
          outcome: outcomes[call.status],
          ...(call.in_bytes !== null && { bytes_out: call.in_bytes }),
          ...(call.out_bytes !== null && { bytes_in: call.out_bytes }),
          session: `run-${order}`,
        }) - 1
      );
    });
  });
  return {
    learnUntil: clockStart + learned.length * runEveryMs,
    events,
    tested: tested.map((run, i) => ({ run, events: places[learned.length + i] ?? [] })),
  };
}
