import { Type } from 'typebox';
import { type Delivery, deliverySchema } from '#shared/delivery.ts';
import { type Reject, rejectSchema } from '#shared/reject.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { afterTimeCursor, decodeCursor, pageOf, pageQuery, sendPage, timeQuery, timeRange } from '../page.ts';
import { unnamed } from '../shapes.ts';
import { all, when } from '../sql.ts';

const text = Type.Optional(Type.String({ minLength: 1, maxLength: 512 }));

const rejectQuery = Type.Object(
  { ...pageQuery, ...timeQuery, source: text, format: text },
  { additionalProperties: false },
);
const deliveryQuery = Type.Object(
  {
    ...pageQuery,
    ...timeQuery,
    alert: text,
    target: text,
    state: Type.Optional(deliverySchema.properties.state),
  },
  { additionalProperties: false },
);

/** Routes of what the system itself did: records that it refused, and what it told whom. */
export function recordRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/rejects',
    {
      schema: {
        summary: 'Records that could not be taken, with the reason, newest first',
        tags: ['operations'],
        querystring: rejectQuery,
        response: { 200: pageOf(unnamed(rejectSchema)) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const { sql, parameters } = all([
        when('space = {space:String}', 'space', query.space),
        when('source = {source:String}', 'source', query.source),
        when('format = {format:String}', 'format', query.format),
        ...timeRange(query),
        afterTimeCursor(cursor, 'String'),
      ]);
      const rows = await store.query<Reject>({
        sql: `SELECT * FROM rejects FINAL WHERE ${sql} ORDER BY time DESC, id DESC LIMIT {rows:UInt32}`,
        parameters: { ...parameters, rows: limit + 1 },
      });
      return sendPage(request, reply, { rows, limit, cursorOf: ({ time, id }) => [time, id] });
    },
  );
  scope.get(
    '/deliveries',
    {
      schema: {
        summary: 'Attempts to tell targets about alerts, newest first',
        tags: ['operations'],
        querystring: deliveryQuery,
        response: { 200: pageOf(unnamed(deliverySchema)) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const { sql, parameters } = all([
        when('space = {space:String}', 'space', query.space),
        when('alert = {alert:String}', 'alert', query.alert),
        when('target = {target:String}', 'target', query.target),
        when('state = {state:String}', 'state', query.state),
        ...timeRange(query),
        afterDelivery(cursor),
      ]);
      const rows = await store.query<Delivery>({
        sql: `SELECT * FROM deliveries FINAL WHERE ${sql}
          ORDER BY time DESC, id DESC, attempt DESC LIMIT {rows:UInt32}`,
        parameters: { ...parameters, rows: limit + 1 },
      });
      return sendPage(request, reply, {
        rows,
        limit,
        cursorOf: ({ time, id, attempt }) => [time, id, attempt],
      });
    },
  );
}

/** Attempts of one message share its id: the number of the attempt tells them apart. */
function afterDelivery(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [time, id, attempt] = decodeCursor(cursor, ['number', 'string', 'number']);
  return {
    sql: '(time, id, attempt) < ({cursor_time:Int64}, {cursor_id:String}, {cursor_attempt:UInt32})',
    parameters: { cursor_time: Number(time), cursor_id: String(id), cursor_attempt: Number(attempt) },
  };
}
