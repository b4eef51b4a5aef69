import { Type } from 'typebox';
import { type Alert, alertSchema, alertStatuses } from '#shared/alert.ts';
import { decisionSchema } from '#shared/decision.ts';
import { type Delivery, deliverySchema } from '#shared/delivery.ts';
import { AppError } from '#shared/errors.ts';
import { eventSchema } from '#shared/event.ts';
import type { SqlParameters, Store } from '#shared/store/store.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { afterTimeCursor, isUuid, pageOf, pageQuery, sendPage, timeQuery, timeRange } from '../page.ts';
import { type AlertRow, alertColumns, alertOfRow, eventOfRow, unnamed } from '../shapes.ts';
import { all, when } from '../sql.ts';
import { type DecisionRow, decisionOfRow } from './decisions.ts';

const historyMax = 1000;
const deliveriesMax = 1000;
const evidenceEventsMax = 1000;
// Events may be as late as the watermark allows, and the windows before an alert are part of its evidence.
const evidenceSlackMs = 8 * 86_400_000;

const alertDetail = Type.Object(
  {
    alert: unnamed(alertSchema),
    history: Type.Array(unnamed(alertSchema), { description: 'Every revision, oldest first' }),
    events: Type.Array(unnamed(eventSchema), {
      description: 'The sample events that are still kept, oldest first',
    }),
    deliveries: Type.Array(unnamed(deliverySchema)),
    decisions: Type.Array(unnamed(decisionSchema), {
      description: 'What people decided about it, newest first',
    }),
  },
  { additionalProperties: false },
);

const listQuery = Type.Object(
  {
    ...pageQuery,
    ...timeQuery,
    status: Type.Optional(Type.Array(Type.Enum([...alertStatuses]))),
    agent: Type.Optional(Type.String({ maxLength: 512, description: 'Whom it is about, or a peer' })),
    detector: Type.Optional(Type.String({ maxLength: 512 })),
    severity_min: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    q: Type.Optional(
      Type.String({ minLength: 1, maxLength: 512, description: 'In title, sentence, agent, peers' }),
    ),
  },
  { additionalProperties: false },
);

/** Routes of alerts: the queue, and one with everything about it. */
export function alertRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/alerts',
    {
      schema: {
        summary: 'Alerts, newest first',
        tags: ['alerts'],
        querystring: listQuery,
        response: { 200: pageOf(unnamed(alertSchema)) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const { sql, parameters } = all([
        when('space = {space:String}', 'space', query.space),
        when('status IN {status:Array(String)}', 'status', query.status),
        when('agent = {agent:String} OR has(peers, {agent:String})', 'agent', query.agent),
        when('has(detectors, {detector:String})', 'detector', query.detector),
        when('severity >= {severity:UInt8}', 'severity', query.severity_min),
        when(
          "positionCaseInsensitiveUTF8(concat(title, '\\n', sentence, '\\n', agent, '\\n', arrayStringConcat(peers, '\\n')), {q:String}) > 0",
          'q',
          query.q,
        ),
        ...timeRange(query),
        afterTimeCursor(cursor, 'String'),
      ]);
      const rows = await store.query<AlertRow>({
        sql: `SELECT ${alertColumns} FROM alerts FINAL WHERE ${sql} ORDER BY time DESC, id DESC LIMIT {rows:UInt32}`,
        parameters: { ...parameters, rows: limit + 1 },
      });
      return sendPage(request, reply, {
        rows: rows.map(alertOfRow),
        limit,
        cursorOf: ({ time, id }: Alert) => [time, id],
      });
    },
  );
  scope.get(
    '/alerts/:id',
    {
      schema: {
        summary: 'One alert with its history, evidence, deliveries and decisions',
        tags: ['alerts'],
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: Type.Object({ space: pageQuery.space }, { additionalProperties: false }),
        response: { 200: alertDetail },
      },
    },
    async (request) => alertWithContext(store, request.query.space, request.params.id),
  );
}

async function alertWithContext(store: Store, space: string, id: string) {
  const parameters: SqlParameters = { space, id };
  const history = await store.query<AlertRow>({
    sql: `SELECT ${alertColumns} FROM alert_history FINAL WHERE space = {space:String} AND id = {id:String}
      ORDER BY revision DESC LIMIT ${historyMax}`,
    parameters,
  });
  const newest = history[0];
  if (newest === undefined) throw new AppError('NOT_FOUND', `there is no alert "${id}" in space "${space}"`);
  const alert = alertOfRow(newest);
  const [events, deliveries, decisions] = await Promise.all([
    evidenceEvents(store, alert),
    store.query<Delivery>({
      sql: `SELECT * FROM deliveries FINAL WHERE space = {space:String} AND alert = {id:String}
        ORDER BY time, id, attempt LIMIT ${deliveriesMax}`,
      parameters,
    }),
    store.query<DecisionRow>({
      sql: `SELECT * FROM decisions FINAL WHERE space = {space:String} AND key = concat('alert/', {id:String})
        ORDER BY time DESC, id DESC LIMIT ${historyMax}`,
      parameters,
    }),
  ]);
  return {
    alert,
    history: history.toReversed().map(alertOfRow),
    events,
    deliveries: [...deliveries],
    decisions: decisions.map(decisionOfRow),
  };
}

/** The events that an alert names, as far as they are still kept. */
async function evidenceEvents(store: Store, alert: Alert) {
  const ids = alert.events.filter(isUuid).slice(0, evidenceEventsMax);
  if (ids.length === 0) return [];
  const times = alert.evidence.flatMap(({ from, to }) => [from, to]);
  const rows = await store.query<Record<string, unknown>>({
    // The range spares the engine most of the table; the ids have an index of their own.
    sql: `SELECT * FROM events WHERE space = {space:String} AND time BETWEEN {from:Int64} AND {to:Int64}
      AND id IN {ids:Array(UUID)} ORDER BY time, id LIMIT 1 BY id LIMIT ${evidenceEventsMax}`,
    parameters: {
      space: alert.space,
      from: Math.min(alert.time, ...times) - evidenceSlackMs,
      to: Math.max(alert.updated_at, ...times) + evidenceSlackMs,
      ids,
    },
  });
  return rows.map(eventOfRow);
}
