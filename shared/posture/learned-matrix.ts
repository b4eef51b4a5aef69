import type { Policy, ZoneRule } from '../policy/policy.ts';
import type { Registry } from '../registry/registry.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';
import { storedCalls } from './stored-calls.ts';

/** Ports and protocols of one pair of zones that are told apart; a pair with more is allowed without. */
const listedMax = 64;

/** What was seen between two zones. */
export interface MatrixCell {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  /** Of them, those that somebody refused. */
  readonly refused: number;
  /** Distinct pairs of agents. */
  readonly edges: number;
  /** The pair with most calls. */
  readonly busiest: { readonly source: string; readonly destination: string };
  readonly protocols: readonly string[];
  readonly ports: readonly number[];
  /** UTC ms. */
  readonly first_time: number;
  readonly last_time: number;
}

/** The matrix of zones as traffic draws it, busiest first; calls of agents without a zone are counted apart. */
export interface LearnedMatrix {
  readonly from: number;
  readonly to: number;
  readonly calls: number;
  readonly unzoned: number;
  readonly cells: readonly MatrixCell[];
}

/** Learns who talks to whom, by zones, from the calls of a period. */
export async function learnMatrix(
  store: Store,
  registry: Registry,
  period: Period,
  signal?: AbortSignal,
): Promise<LearnedMatrix> {
  const question = {
    fields: ['source_zone', 'destination_zone', 'protocol', 'destination_port'],
    asksSource: true,
    asksDestination: true,
  } as const;
  const cells = new Map<string, Cell>();
  let calls = 0;
  let unzoned = 0;
  for await (const group of storedCalls(store, period, question, signal)) {
    calls += group.calls;
    const from = group.source_zone ?? registry.zoneOf(period.space, group.source ?? '');
    const to = group.destination_zone ?? registry.zoneOf(period.space, group.destination ?? '');
    if (from === undefined || to === undefined) {
      unzoned += group.calls;
      continue;
    }
    const key = `${from}\n${to}`;
    const cell = cells.get(key) ?? emptyCell(from, to);
    cells.set(key, cell);
    cell.calls += group.calls;
    cell.refused += group.refused;
    const edge = `${group.source}\n${group.destination}`;
    cell.edges.set(edge, (cell.edges.get(edge) ?? 0) + group.calls);
    if (group.protocol !== null) cell.protocols.add(group.protocol);
    if (group.destination_port !== null) cell.ports.add(group.destination_port);
    cell.first_time = Math.min(cell.first_time, group.first_time);
    cell.last_time = Math.max(cell.last_time, group.last_time);
  }
  return {
    from: period.from,
    to: period.to,
    calls,
    unzoned,
    cells: [...cells.values()]
      .sort((a, b) => b.calls - a.calls || (a.from + a.to < b.from + b.to ? -1 : 1))
      .map((cell) => ({
        ...cell,
        edges: cell.edges.size,
        busiest: busiestOf(cell),
        protocols: [...cell.protocols].sort(),
        ports: [...cell.ports].sort((a, b) => a - b),
      })),
  };
}

interface Cell {
  readonly from: string;
  readonly to: string;
  calls: number;
  refused: number;
  /** Calls by pair of agents. */
  readonly edges: Map<string, number>;
  readonly protocols: Set<string>;
  readonly ports: Set<number>;
  first_time: number;
  last_time: number;
}

function busiestOf({ edges }: Cell): MatrixCell['busiest'] {
  const [edge = ''] = [...edges].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
  const [source = '', destination = ''] = edge.split('\n');
  return { source, destination };
}

function emptyCell(from: string, to: string): Cell {
  return {
    from,
    to,
    calls: 0,
    refused: 0,
    edges: new Map(),
    protocols: new Set(),
    ports: new Set(),
    first_time: Number.POSITIVE_INFINITY,
    last_time: 0,
  };
}

/**
 * The policy that a matrix suggests: what was seen and not only refused is allowed on its ports, all else denied. A
 * proposal for a person to read, since what was seen is not yet what is right.
 */
export function policyOfMatrix(base: Policy, matrix: LearnedMatrix): Policy {
  const rules = matrix.cells
    .filter((cell) => cell.calls > cell.refused && cell.from !== cell.to)
    .map((cell): ZoneRule => {
      const ports = cell.ports.length > 0 && cell.ports.length <= listedMax ? { ports: [...cell.ports] } : {};
      return { from: [cell.from], to: [cell.to], verdict: 'allowed', ...ports, note: noteOf(cell) };
    });
  return { ...base, zones: { ...base.zones, default: 'denied', rules } };
}

function noteOf(cell: MatrixCell): string {
  return `learned from ${cell.calls} calls over ${cell.edges} edges`;
}

/** A change between the matrices of two periods. */
export interface MatrixDrift {
  readonly change: 'appeared' | 'vanished';
  readonly from: string;
  readonly to: string;
  readonly calls: number;
}

/** Crossings that one period has and the other has not, busiest first. */
export function matrixDrift(before: LearnedMatrix, after: LearnedMatrix): readonly MatrixDrift[] {
  const missing = (cells: readonly MatrixCell[], others: readonly MatrixCell[]) => {
    const known = new Set(others.map((cell) => `${cell.from}\n${cell.to}`));
    return cells.filter((cell) => !known.has(`${cell.from}\n${cell.to}`));
  };
  const drift = (change: MatrixDrift['change']) => (cell: MatrixCell) => ({
    change,
    from: cell.from,
    to: cell.to,
    calls: cell.calls,
  });
  return [
    ...missing(after.cells, before.cells).map(drift('appeared')),
    ...missing(before.cells, after.cells).map(drift('vanished')),
  ];
}
