import { Type } from 'typebox';
import type { Intentions } from '#shared/policy/intentions.ts';
import { reachGraph } from '#shared/posture/blast-radius.ts';
import { lastDays } from '#shared/posture/period.ts';
import { grantedEdges, grantUses, minimalGrants, usesOf } from '#shared/posture/privilege.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { pageQuery } from '../page.ts';

const hopsMax = 6;
const daysQuery = {
  space: pageQuery.space,
  days: Type.Integer({ default: 30, minimum: 1, maximum: 400, description: 'Days back from now' }),
};

/** Routes of least privilege: what is granted against what is used, and how far an agent reaches. */
export function privilegeRoutes(
  scope: ApiScope,
  { store, context }: ApiDependencies,
  intentions: Intentions,
): void {
  const tags = ['registry'];
  scope.get(
    '/grants',
    {
      schema: {
        summary: 'Grants of policy and role lists against what is used, the longest unused first',
        tags,
        querystring: Type.Object(
          {
            ...daysQuery,
            agent: Type.Optional(Type.String({ maxLength: 512, description: 'Only of this agent' })),
            unused_days_min: Type.Integer({
              default: 0,
              minimum: 0,
              description: 'Only what nobody used for so long',
            }),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(Type.Unknown()) }) },
      },
    },
    async (request) => {
      const { space, days, agent, unused_days_min: unusedDaysMin } = request.query;
      const now = context.clock.now();
      const uses = await usesOf(store, lastDays(space, days, now)[0]);
      const grants = intentions.grants(space).filter((grant) => agent === undefined || grant.agent === agent);
      const items = grantUses(grants, uses, now).filter(
        (use) => (use.unused_days ?? Number.POSITIVE_INFINITY) >= unusedDaysMin,
      );
      return { items };
    },
  );
  scope.get(
    '/agents/:id/privilege',
    {
      schema: {
        summary: 'Whom an agent reached and may reach in how many hops, and the least that it needs',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: Type.Object(
          { ...daysQuery, hops: Type.Integer({ default: 3, minimum: 1, maximum: hopsMax }) },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            blast_radius: Type.Unknown({ description: 'By the calls that were made' }),
            granted_radius: Type.Unknown({ description: 'By those and by all that is granted' }),
            minimal_grants: Type.Array(Type.Unknown()),
          }),
        },
      },
    },
    async (request) => {
      const { space, days, hops } = request.query;
      const { id } = request.params;
      const uses = await usesOf(store, lastDays(space, days, context.clock.now())[0]);
      const used = uses.map(({ source, destination }) => [source, destination] as const);
      const registered = intentions.registry.list(space).map((agent) => agent.id);
      const agents = new Set([...used.flat(), ...registered]);
      const granted = grantedEdges(intentions.grants(space), agents);
      return {
        blast_radius: reachGraph(used).radiusOf(id, hops),
        granted_radius: reachGraph([...used, ...granted]).radiusOf(id, hops),
        minimal_grants: [...minimalGrants(uses, id)],
      };
    },
  );
}
