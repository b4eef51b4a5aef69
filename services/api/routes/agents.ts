import { type Static, Type } from 'typebox';
import { AppError } from '#shared/errors.ts';
import { agentDetail, agentDetailSchema } from '../agent-detail.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { decodeCursor, pageOf, pageQuery, sendPage } from '../page.ts';
import { all, when } from '../sql.ts';

const agentSummary = Type.Object(
  {
    agent: Type.String(),
    first_seen: Type.Integer({ description: 'UTC ms, event time' }),
    last_seen: Type.Integer({ description: 'UTC ms, event time' }),
    events_as_source: Type.Integer(),
    events_as_destination: Type.Integer(),
    errors: Type.Integer(),
    denied: Type.Integer(),
    peers: Type.Integer({ description: 'Distinct other ends, to about one in a hundred' }),
  },
  { additionalProperties: false },
);
type AgentSummary = Static<typeof agentSummary>;

const listQuery = Type.Object(
  {
    ...pageQuery,
    q: Type.Optional(Type.String({ minLength: 1, maxLength: 512, description: 'Part of the id' })),
    seen_since: Type.Optional(Type.Integer({ minimum: 0, description: 'Seen at or after, UTC ms' })),
  },
  { additionalProperties: false },
);

const detailQuery = Type.Object(
  {
    space: pageQuery.space,
    from: Type.Optional(Type.Integer({ minimum: 0, description: 'UTC ms; a day before `to` without' })),
    to: Type.Optional(Type.Integer({ minimum: 0, description: 'UTC ms; after the last event without' })),
    step: Type.Optional(
      Type.Enum(['minute', 'hour'], { description: 'Of the series; by the length without' }),
    ),
  },
  { additionalProperties: false },
);

/** What every agent was seen doing, from the sums that views keep. */
const summaries = `SELECT agent, min(agents.first_time) AS first_seen, max(agents.last_time) AS last_seen,
    sum(agents.events_as_source) AS events_as_source, sum(agents.events_as_destination) AS events_as_destination,
    sum(agents.errors) AS errors, sum(agents.denied) AS denied, uniqMerge(agents.peers) AS peers
  FROM agents`;

/** Routes of agents: who there is, and what one of them does. */
export function agentRoutes(scope: ApiScope, { store }: ApiDependencies): void {
  scope.get(
    '/agents',
    {
      schema: {
        summary: 'Agents that were ever seen, by id',
        tags: ['agents'],
        querystring: listQuery,
        response: { 200: pageOf(agentSummary) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const after = cursor === undefined ? undefined : String(decodeCursor(cursor, ['string'])[0]);
      const { sql, parameters } = all([
        when('space = {space:String}', 'space', query.space),
        when('positionCaseInsensitiveUTF8(agent, {q:String}) > 0', 'q', query.q),
        when('agent > {after:String}', 'after', after),
      ]);
      const rows = await store.query<AgentSummary>({
        sql: `${summaries} WHERE ${sql} GROUP BY agent HAVING last_seen >= {since:Int64}
          ORDER BY agent LIMIT {rows:UInt32}`,
        parameters: { ...parameters, since: query.seen_since ?? 0, rows: limit + 1 },
      });
      return sendPage(request, reply, { rows, limit, cursorOf: ({ agent }) => [agent] });
    },
  );
  scope.get(
    '/agents/:id',
    {
      schema: {
        summary: 'One agent: peers, actions, versions, activity over time, recent alerts',
        tags: ['agents'],
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: detailQuery,
        response: { 200: Type.Object({ ...agentSummary.properties, ...agentDetailSchema.properties }) },
      },
    },
    async (request) => {
      const { space, ...window } = request.query;
      const agent = request.params.id;
      const [summary] = await store.query<AgentSummary>({
        sql: `${summaries} WHERE space = {space:String} AND agent = {agent:String} GROUP BY agent`,
        parameters: { space, agent },
      });
      if (summary === undefined) {
        throw new AppError('NOT_FOUND', `agent "${agent}" was never seen in space "${space}"`);
      }
      const detail = await agentDetail(store, { space, agent, lastSeen: summary.last_seen, ...window });
      return { ...summary, ...detail };
    },
  );
}
