import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import { decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { lastDays, periodDaysMax } from '#shared/posture/period.ts';
import {
  acceptanceOf,
  type VersionChange,
  versionChanges,
  versionFindings,
  versionsIn,
} from '#shared/posture/versions.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { pageQuery } from '../page.ts';
import { unnamed } from '../shapes.ts';

const dayMs = 86_400_000;
const spaceQuery = Type.Object({ space: pageQuery.space }, { additionalProperties: false });
const reasonBody = Type.Object(
  { reason: Type.String({ default: '', maxLength: 4096 }) },
  { additionalProperties: false },
);
/** What both ways to accept a change of version take and answer. */
const acceptSchema = {
  querystring: spaceQuery,
  body: reasonBody,
  response: { 202: unnamed(decisionSchema) },
};

/** Routes of versions: what is wrong with them, and accepting a change of version as planned. */
export function versionRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  intentions: Intentions,
): void {
  const { store, context } = dependencies;
  const tags = ['posture'];
  scope.get(
    '/versions',
    {
      schema: {
        summary:
          'Outdated, vulnerable and mixed versions, and each change with the decision that accepts it as planned',
        tags,
        querystring: Type.Object(
          { space: pageQuery.space, days: Type.Integer({ default: 30, minimum: 1, maximum: periodDaysMax }) },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ findings: Type.Array(Type.Unknown()), changes: Type.Array(Type.Unknown()) }),
        },
      },
    },
    async (request) => {
      const { space, days } = request.query;
      const rows = await versionsIn(store, lastDays(space, days, context.clock.now())[0]);
      const changes = versionChanges(rows).map((change) => ({
        ...change,
        accept: acceptanceOf(space, change),
      }));
      return { findings: [...versionFindings(rows, intentions, space)], changes };
    },
  );
  scope.post(
    '/versions/:agent/accept',
    {
      schema: {
        summary:
          "Accept an agent's newest change of version as planned: what it explains is learned as the new normal",
        tags,
        params: Type.Object({ agent: Type.String({ minLength: 1, maxLength: 512 }) }),
        ...acceptSchema,
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space } = request.query;
      const { agent } = request.params;
      const [period] = lastDays(space, periodDaysMax, context.clock.now());
      const change = versionChanges(await versionsIn(store, period, { agents: [agent] })).at(-1);
      if (change === undefined) throw new AppError('NOT_FOUND', `agent "${agent}" never changed its version`);
      const { reason } = request.body;
      return reply.code(202).send(await accept(dependencies, { space, change, by: caller.name, reason }));
    },
  );
  scope.post(
    '/alerts/:id/accept-version',
    {
      schema: {
        summary: 'Accept the change of version that explains an alert as planned',
        description: 'The newest change, of the agent or a peer of the alert, within the day before it.',
        tags: ['alerts'],
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        ...acceptSchema,
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space } = request.query;
      const change = await changeBehind(dependencies, space, request.params.id);
      const { reason } = request.body;
      return reply.code(202).send(await accept(dependencies, { space, change, by: caller.name, reason }));
    },
  );
}

interface Acceptance {
  readonly space: string;
  readonly change: VersionChange;
  readonly by: string;
  readonly reason: string;
}

function accept(dependencies: ApiDependencies, { space, change, by, reason }: Acceptance) {
  const { key, reason: because, body } = acceptanceOf(space, change);
  const wanted = { key, kind: 'planned_change', space, by, reason: reason === '' ? because : reason, body };
  return appendDecision(dependencies, wanted);
}

interface AlertedRow {
  readonly agents: readonly string[];
  readonly updated_at: number;
}

async function changeBehind({ store }: ApiDependencies, space: string, id: string): Promise<VersionChange> {
  const [alert] = await store.query<AlertedRow>({
    sql: `SELECT arrayConcat([agent], peers) AS agents, updated_at FROM alerts FINAL
      WHERE space = {space:String} AND id = {id:String} LIMIT 1`,
    parameters: { space, id },
  });
  if (alert === undefined) throw new AppError('NOT_FOUND', `there is no alert "${id}" in space "${space}"`);
  const to = alert.updated_at + 1;
  const rows = await versionsIn(
    store,
    { space, from: to - periodDaysMax * dayMs, to },
    { agents: alert.agents },
  );
  const lately = versionChanges(rows).filter(({ at }) => at >= to - dayMs);
  const change = lately.findLast(({ agent }) => agent === alert.agents[0]) ?? lately.at(-1);
  if (change === undefined)
    throw new AppError('NOT_FOUND', `no agent of alert "${id}" changed its version within the day before it`);
  return change;
}
