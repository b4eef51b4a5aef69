import type { Counted } from '#shared/explain/working.ts';
import type { Store } from '#shared/store/store.ts';
import { all, type Condition, when } from './sql.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const hoursPerWeek = 168;
// As in the detector: calls within a second are one beat.
const burstMs = 1000;
const historyMs = 7 * 86_400_000;

/** What the events before showed, by themselves: nothing but counting, no model. */
export interface StoredHistory {
  /** Windows with at least one event, or calls. */
  readonly count: number;
  readonly median: number;
  readonly highest: number;
}

/**
 * Counts what a detector observed again, in the events that the store holds now.
 *
 * @returns null where nothing of it is kept any more
 */
export async function countAgain(store: Store, space: string, counted: Counted): Promise<number | null> {
  const { sql, parameters } = queryOf(space, counted);
  const rows = await store.query<{ readonly n: number | null }>({ sql, parameters });
  const n = rows[0]?.n ?? null;
  return n === null || Number.isNaN(Number(n)) ? null : Number(n);
}

/** What the seven days before showed of the same: windows as long as this one, or single calls of the same action. */
export async function historyBefore(
  store: Store,
  space: string,
  { counted, windowMs }: { readonly counted: Counted; readonly windowMs: number },
): Promise<StoredHistory | null> {
  const before = { ...counted, from: counted.from - historyMs, to: counted.from - 1 };
  const { sql, parameters } = conditionsOf(space, before);
  const values = valuesOf(counted, windowMs, sql);
  if (values === undefined) return null;
  const [found] = await store.query<StoredHistory>({
    sql: `SELECT count() AS count, quantileExact(0.5)(n) AS median, max(n) AS highest FROM (${values})`,
    parameters: { ...parameters, window: Math.max(1, windowMs) },
  });
  if (found === undefined || Number(found.count) === 0) return null;
  return {
    count: Number(found.count),
    median: Number(found.median),
    highest: Number(found.highest),
  };
}

/** The first call between two agents that is known, UTC ms; roll-ups remember it after the events are gone. */
export async function firstStored(store: Store, space: string, counted: Counted): Promise<number | null> {
  const { what, source, destination } = counted;
  if (what !== 'minutes' || source === null) return null;
  const { sql, parameters } = all([
    when('space = {space:String}', 'space', space),
    when('source = {source:String}', 'source', source),
    when('destination = {destination:String}', 'destination', destination ?? undefined),
  ]);
  const [found] = await store.query<{ readonly calls: number; readonly first: number }>({
    sql: `SELECT count() AS calls, min(first_time) AS first FROM edges WHERE ${sql}`,
    parameters,
  });
  return found === undefined || Number(found.calls) === 0 ? null : Number(found.first);
}

function valuesOf({ what, source }: Counted, windowMs: number, sql: string): string | undefined {
  const windows = `FROM events WHERE ${sql} GROUP BY intDiv(time, {window:Int64})`;
  switch (what) {
    case 'events':
      return windowMs > 0 ? `SELECT uniqExact(id) AS n ${windows}` : undefined;
    case 'peers':
      return `SELECT uniqExact(${source === null ? 'source' : 'destination'}) AS n ${windows}`;
    case 'bytes_out':
    case 'bytes_in':
    case 'duration_ms':
      return `SELECT assumeNotNull(${what}) AS n FROM events WHERE ${sql} AND ${what} IS NOT NULL`;
    default:
      return undefined;
  }
}

function queryOf(space: string, counted: Counted): Condition {
  const { sql, parameters } = conditionsOf(space, counted);
  const of = (what: string, from = `events WHERE ${sql}`) => ({
    sql: `SELECT ${what} AS n FROM ${from}`,
    parameters,
  });
  const { what } = counted;
  switch (what) {
    case 'events':
      return of('uniqExact(id)');
    case 'peers':
      return of(`uniqExact(${counted.source === null ? 'source' : 'destination'})`);
    case 'minutes':
      return of(`uniqExact(intDiv(time, ${minuteMs}))`);
    case 'bytes_total':
      return bytesTotal(space, counted);
    case 'weeks': {
      const hour = `intDiv(time, ${hourMs}) % ${hoursPerWeek} = intDiv({to:Int64} + 1, ${hourMs}) % ${hoursPerWeek}`;
      return of(`uniqExact(intDiv(time, ${hourMs * hoursPerWeek}))`, `events WHERE ${sql} AND ${hour}`);
    }
    case 'failures': {
      const newest = `SELECT outcome FROM events WHERE ${sql} AND outcome != 'unknown' ORDER BY time DESC LIMIT {newest:UInt32}`;
      return {
        sql: `SELECT countIf(outcome != 'success') AS n FROM (${newest})`,
        parameters: { ...parameters, newest: counted.newest ?? 1 },
      };
    }
    case 'bytes_out':
    case 'bytes_in':
    case 'duration_ms':
      return of(`max(${what})`);
    case 'unevenness':
      return of(
        'log(arrayAvg(gaps)) - arrayAvg(arrayMap(gap -> log(gap), gaps))',
        `(SELECT arrayFilter(gap -> gap > 0, arrayMap(step -> step - ${burstMs},
          arrayPopFront(arrayDifference(arraySort(groupArray(time)))))) AS gaps FROM events WHERE ${sql})`,
      );
    case 'new_edges':
      return newEdges(space, counted);
    default:
      return what satisfies never;
  }
}

/** What a caller sends leaves it, and what it is answered leaves the called. */
function bytesTotal(space: string, { source, destination, from, to }: Counted): Condition {
  const [leaves, comesBack] = source === null ? ['bytes_in', 'bytes_out'] : ['bytes_out', 'bytes_in'];
  return {
    sql: `SELECT sum(if(source = {agent:String}, ifNull(${leaves}, 0), 0)
        + if(destination = {agent:String}, ifNull(${comesBack}, 0), 0)) AS n
      FROM events WHERE space = {space:String} AND time >= {from:Int64} AND time <= {to:Int64}
      AND (source = {agent:String} OR destination = {agent:String})`,
    parameters: { space, agent: source ?? destination, from, to },
  };
}

function newEdges(space: string, { path = [], from, to }: Counted): Condition {
  const hops = 'has(arrayZip({callers:Array(String)}, {called:Array(String)}), (source, destination))';
  return {
    sql: `SELECT countIf(first >= {from:Int64} AND first <= {to:Int64}) AS n FROM (
      SELECT min(first_time) AS first FROM edges WHERE space = {space:String} AND ${hops} GROUP BY source, destination)`,
    parameters: { space, from, to, callers: path.slice(0, -1), called: path.slice(1) },
  };
}

function conditionsOf(space: string, counted: Counted): Condition {
  return all([
    when('space = {space:String}', 'space', space),
    when('time >= {from:Int64}', 'from', counted.from),
    when('time <= {to:Int64}', 'to', counted.to),
    when('source = {source:String}', 'source', counted.source ?? undefined),
    when('destination = {destination:String}', 'destination', counted.destination ?? undefined),
    when('action = {action:String}', 'action', counted.action),
    when('has(resources, {resource:String})', 'resource', counted.resource),
  ]);
}
