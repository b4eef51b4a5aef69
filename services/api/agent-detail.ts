import { type Static, Type } from 'typebox';
import { alertSchema } from '#shared/alert.ts';
import { AppError } from '#shared/errors.ts';
import type { SqlParameters, Store } from '#shared/store/store.ts';
import { type AlertRow, alertColumns, alertOfRow, unnamed } from './shapes.ts';

const peersMax = 200;
const actionsMax = 100;
const versionsMax = 50;
const alertsMax = 50;
const pointsMax = 3000;

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;
// Up to here the series has a point for each minute, beyond it for each hour.
const minutesSpanMs = 12 * hourMs;

const count = Type.Integer();
const time = Type.Integer({ description: 'UTC ms' });

const peer = Type.Object({
  peer: Type.String(),
  side: Type.Enum(['source', 'destination'], { description: "The agent's own side" }),
  events: count,
  errors: count,
  denied: count,
  first_seen: time,
  last_seen: time,
});
const action = Type.Object({ action: Type.String(), events: count, last_seen: time });
const version = Type.Object({ version: Type.String(), events: count, first_seen: time, last_seen: time });
const point = Type.Object({
  time,
  side: Type.Enum(['source', 'destination']),
  events: count,
  errors: count,
  denied: count,
  bytes_out: count,
  bytes_in: count,
  duration_ms_mean: Type.Union([Type.Number(), Type.Null()]),
  peers: count,
});

export const agentDetailSchema = Type.Object({
  from: time,
  to: time,
  step: Type.Enum(['minute', 'hour']),
  top_peers: Type.Array(peer, { description: `Of all time, most events first, up to ${peersMax}` }),
  actions: Type.Array(action, { description: `As source in the period, up to ${actionsMax}` }),
  versions: Type.Array(version, { description: 'As source in the period, newest first' }),
  series: Type.Array(point, { description: 'Activity in the period; steps without any are left out' }),
  alerts: Type.Array(unnamed(alertSchema), { description: `About it, newest first, up to ${alertsMax}` }),
});
type AgentDetail = Static<typeof agentDetailSchema>;

export interface AgentWindow {
  readonly space: string;
  readonly agent: string;
  /** Event time of its last event, UTC ms. */
  readonly lastSeen: number;
  readonly from?: number;
  readonly to?: number;
  readonly step?: 'minute' | 'hour';
}

/**
 * What one agent does: whom it talks to, what it asks for, which versions it ran, how much over time.
 *
 * @throws {AppError} INPUT_INVALID: the period is empty, or has too many steps
 */
export async function agentDetail(store: Store, window: AgentWindow): Promise<AgentDetail> {
  const { space, agent } = window;
  const to = window.to ?? window.lastSeen + 1;
  const from = window.from ?? Math.max(0, to - dayMs);
  const step = window.step ?? (to - from <= minutesSpanMs ? 'minute' : 'hour');
  const stepMs = step === 'minute' ? minuteMs : hourMs;
  if (to <= from) throw new AppError('INPUT_INVALID', 'from: must be before to');
  if ((to - from) / stepMs > pointsMax) {
    throw new AppError(
      'INPUT_INVALID',
      `from, to: over ${pointsMax} steps of a ${step}; ask for less, or for hours`,
    );
  }
  const parameters: SqlParameters = { space, agent, from, to, step: stepMs };
  const rows = <Row>(sql: string) => store.query<Row>({ sql, parameters });
  const [peers, actions, versions, series, alerts] = await Promise.all([
    rows<Static<typeof peer>>(peersSql),
    rows<Static<typeof action>>(actionsSql),
    rows<Static<typeof version>>(versionsSql),
    rows<Static<typeof point>>(seriesSql),
    rows<AlertRow>(alertsSql),
  ]);
  return {
    from,
    to,
    step,
    top_peers: [...peers],
    actions: [...actions],
    versions: [...versions],
    series: [...series],
    alerts: alerts.map(alertOfRow),
  };
}

const edgeSums = `sum(edges.events) AS events, sum(edges.errors) AS errors, sum(edges.denied) AS denied,
  min(edges.first_time) AS first_seen, max(edges.last_time) AS last_seen`;

const peersSql = `SELECT * FROM (
    SELECT destination AS peer, 'source' AS side, ${edgeSums} FROM edges
    WHERE space = {space:String} AND source = {agent:String} GROUP BY peer
    UNION ALL
    SELECT source AS peer, 'destination' AS side, ${edgeSums} FROM edges
    WHERE space = {space:String} AND destination = {agent:String} GROUP BY peer
  ) ORDER BY events DESC, peer, side LIMIT ${peersMax}`;

const ownEvents = `space = {space:String} AND source = {agent:String} AND time >= {from:Int64} AND time < {to:Int64}`;

const actionsSql = `SELECT assumeNotNull(events.action) AS action, count() AS events, max(time) AS last_seen FROM events
  WHERE ${ownEvents} AND events.action IS NOT NULL GROUP BY action ORDER BY events DESC, action LIMIT ${actionsMax}`;

const versionsSql = `SELECT assumeNotNull(source_version) AS version, count() AS events, min(time) AS first_seen,
    max(time) AS last_seen
  FROM events WHERE ${ownEvents} AND source_version IS NOT NULL
  GROUP BY version ORDER BY last_seen DESC, version LIMIT ${versionsMax}`;

const seriesSql = `SELECT minute - positiveModulo(minute, {step:Int64}) AS time, side,
    sum(agents_minute.events) AS events, sum(agents_minute.errors) AS errors,
    sum(agents_minute.denied) AS denied, sum(agents_minute.bytes_out) AS bytes_out,
    sum(agents_minute.bytes_in) AS bytes_in,
    if(sum(agents_minute.timed) = 0, NULL, sum(agents_minute.duration_ms) / sum(agents_minute.timed))
      AS duration_ms_mean,
    uniqMerge(agents_minute.peers) AS peers
  FROM agents_minute
  WHERE space = {space:String} AND agent = {agent:String}
    AND minute >= {from:Int64} - positiveModulo({from:Int64}, 60000) AND minute < {to:Int64}
  GROUP BY time, side ORDER BY time, side`;

const alertsSql = `SELECT ${alertColumns} FROM alerts FINAL
  WHERE space = {space:String} AND (agent = {agent:String} OR has(peers, {agent:String}))
  ORDER BY time DESC, id DESC LIMIT ${alertsMax}`;
