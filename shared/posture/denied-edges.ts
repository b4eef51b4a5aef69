import type { Objection } from '../policy/judge-call.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';
import { type Question, shapeOf, within } from './stored-calls.ts';

/** Edges that are listed; the counts beside them are of all. */
const edgesListedMax = 200;
/** Shapes of denied calls whose edges are looked up, the most frequent; what is sent to the store stays small. */
const shapesMax = 4000;

/** An edge over which calls would have been denied. */
export interface DeniedEdge {
  readonly source: string;
  readonly destination: string;
  readonly source_zone: string | null;
  readonly destination_zone: string | null;
  readonly calls: number;
  readonly objections: readonly Objection['kind'][];
  /** UTC ms. */
  readonly last_time: number;
}

/** Calls of one shape that are denied, and why. */
export interface DeniedShape {
  readonly calls: number;
  readonly kinds: readonly Objection['kind'][];
}

interface EdgeRow extends Omit<DeniedEdge, 'objections'> {
  readonly shapes: readonly number[];
}

/** The edges behind denied calls, most calls first, and how many agents they begin at. */
export async function deniedEdges(
  store: Store,
  of: {
    readonly period: Period;
    readonly question: Question;
    readonly denied: ReadonlyMap<number, DeniedShape>;
  },
  signal?: AbortSignal,
): Promise<{ readonly agents: number; readonly edges: readonly DeniedEdge[] }> {
  const { question } = of;
  if (of.denied.size === 0) return { agents: 0, edges: [] };
  const shapes = [...of.denied]
    .sort(([, a], [, b]) => b.calls - a.calls)
    .slice(0, shapesMax)
    .map(([shape]) => shape);
  const rows = await store.query<EdgeRow & { readonly agents: number }>({
    sql: `
      SELECT source, destination, any(events.source_zone) AS source_zone,
        any(events.destination_zone) AS destination_zone, count() AS calls, max(time) AS last_time,
        groupUniqArray(64)(${shapeOf(question)}) AS shapes, uniqExact(source) OVER () AS agents
      FROM events WHERE ${within} AND ${shapeOf(question)} IN {shapes:Array(UInt64)}
      GROUP BY source, destination ORDER BY calls DESC, source, destination LIMIT ${edgesListedMax}`,
    parameters: { ...of.period, shapes },
    ...(signal === undefined ? {} : { signal }),
  });
  const edges = rows.map(({ shapes: ofEdge, agents: _, ...edge }) => ({
    ...edge,
    objections: [...new Set(ofEdge.flatMap((shape) => of.denied.get(shape)?.kinds ?? []))],
  }));
  return { agents: rows[0]?.agents ?? 0, edges };
}
