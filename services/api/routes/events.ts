import { Type } from 'typebox';
import { type AmissEvent, eventSchema, outcomes } from '#shared/event.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { afterTimeCursor, pageOf, pageQuery, sendPage, timeQuery, timeRange } from '../page.ts';
import { eventOfRow, unnamed } from '../shapes.ts';
import { all, type Condition, when } from '../sql.ts';

const text = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 512, description }));

const searchQuery = Type.Object(
  {
    ...pageQuery,
    ...timeQuery,
    agent: text('Either end'),
    peer: text('The other end of `agent`; either end without'),
    source: text('The agent that calls'),
    destination: text('The agent that is called'),
    action: text('Exactly, or up to a `*` at the end'),
    outcome: Type.Optional(Type.Array(Type.Enum([...outcomes]))),
  },
  { additionalProperties: false },
);

/** Routes of events: search by agent, peer, action, outcome and time. */
export function eventRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/events',
    {
      schema: {
        summary: 'Events, newest first',
        tags: ['events'],
        querystring: searchQuery,
        response: { 200: pageOf(unnamed(eventSchema)) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const common = [
        when('space = {space:String}', 'space', query.space),
        when('source = {source:String}', 'source', query.source),
        when('destination = {destination:String}', 'destination', query.destination),
        actionCondition(query.action),
        when('outcome IN {outcomes:Array(String)}', 'outcomes', query.outcome),
        ...timeRange(query),
        afterTimeCursor(cursor, 'UUID'),
      ];
      const sides = sidesOf(query.agent, query.peer).map((side) => all([...common, side]));
      const selects = sides.map(
        ({ sql }) => `SELECT * FROM events WHERE ${sql} ORDER BY time DESC, id DESC LIMIT {rows:UInt32}`,
      );
      const rows = await store.query<Record<string, unknown>>({
        sql: `SELECT * FROM (${selects.join(' UNION ALL ')}) ORDER BY time DESC, id DESC LIMIT {rows:UInt32}`,
        parameters: Object.assign({ rows: limit + 1 }, ...sides.map(({ parameters }) => parameters)),
      });
      return sendPage(request, reply, {
        rows: rows.map(eventOfRow),
        limit,
        cursorOf: ({ time, id }: AmissEvent) => [time, id],
      });
    },
  );
}

/**
 * An agent at either end is asked for as source and as destination apart: each of the two can follow an index, and a
 * condition with OR can follow none. Together they hold every event once.
 */
function sidesOf(agent: string | undefined, peer: string | undefined): readonly (Condition | undefined)[] {
  const [one, other] = agent === undefined ? [peer, undefined] : [agent, peer];
  if (one === undefined) return [undefined];
  if (other === undefined) {
    return [
      when('source = {one:String}', 'one', one),
      when('destination = {one:String} AND source != {one:String}', 'one', one),
    ];
  }
  const parameters = { one, other };
  const there = { sql: 'source = {one:String} AND destination = {other:String}', parameters };
  const back = { sql: 'source = {other:String} AND destination = {one:String}', parameters };
  return one === other ? [there] : [there, back];
}

function actionCondition(action: string | undefined): Condition | undefined {
  if (action?.endsWith('*') === true) {
    return when("startsWith(ifNull(action, ''), {action:String})", 'action', action.slice(0, -1));
  }
  return when('action = {action:String}', 'action', action);
}
