import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import { decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { reachGraph } from '#shared/posture/blast-radius.ts';
import { lastDays } from '#shared/posture/period.ts';
import { grantUses, minimalGrants, usesOf } from '#shared/posture/privilege.ts';
import { declarationKey, parseDeclaration } from '#shared/registry/declaration.ts';
import { learnedAgents } from '#shared/registry/learned-agents.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { decodeCursor, pageOf, pageQuery, sendPage } from '../page.ts';
import { unnamed } from '../shapes.ts';

const hopsMax = 6;
const daysQuery = {
  space: pageQuery.space,
  days: Type.Integer({ default: 30, minimum: 1, maximum: 400, description: 'Days back from now' }),
};

/** Routes of the registry: who is declared, imported or seen, and declaring. */
export function registryRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  intentions: Intentions,
): void {
  const tags = ['registry'];
  const { registry } = intentions;
  scope.get(
    '/registry',
    {
      schema: {
        summary: 'Agents with everything known of them and from where, by id',
        tags,
        querystring: Type.Object({ ...pageQuery }, { additionalProperties: false }),
        response: { 200: pageOf(Type.Unknown()) },
      },
    },
    async (request, reply) => {
      const { space, limit, cursor } = request.query;
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, ['string'])[0]);
      const sightings = await learnedAgents(dependencies.store, { space, after, limit: limit + 1 });
      for (const sighting of sightings) registry.see(sighting);
      const declared = registry.list(space).map(({ id }) => id);
      const ids = new Set([...declared, ...sightings.map(({ agent }) => agent)]);
      const rows = [...ids]
        .filter((id) => id > after)
        .sort()
        .slice(0, limit + 1)
        .flatMap((id) => registry.get(space, id) ?? []);
      return sendPage(request, reply, { rows, limit, cursorOf: ({ id }) => [id] });
    },
  );
  scope.put(
    '/registry',
    {
      schema: {
        summary: 'Declare an agent, or all agents whose ids begin alike',
        description: 'The declaration replaces the one before of the same agent and origin.',
        tags,
        querystring: Type.Object({ space: pageQuery.space }, { additionalProperties: false }),
        body: Type.Unknown(),
        response: { 202: unnamed(decisionSchema) },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const parsed = parseDeclaration(request.body);
      if (!parsed.ok) throw new AppError('INPUT_INVALID', parsed.faults.join('; '));
      const key = declarationKey(parsed.declaration);
      const { space } = request.query;
      const wanted = {
        key,
        kind: 'agent',
        space,
        by: caller.name,
        reason: 'declared',
        body: parsed.declaration,
      };
      return reply.code(202).send(await appendDecision(dependencies, wanted));
    },
  );
  privilegeRoutes(scope, dependencies, intentions);
}

function privilegeRoutes(scope: ApiScope, { store, context }: ApiDependencies, intentions: Intentions): void {
  const tags = ['registry'];
  scope.get(
    '/grants',
    {
      schema: {
        summary: 'Grants against what is used, the longest unused first',
        tags,
        querystring: Type.Object(daysQuery, { additionalProperties: false }),
        response: { 200: Type.Object({ items: Type.Array(Type.Unknown()) }) },
      },
    },
    async (request) => {
      const { space, days } = request.query;
      const now = context.clock.now();
      const uses = await usesOf(store, lastDays(space, days, now)[0]);
      return { items: [...grantUses(intentions.policy(space).policy, uses, now)] };
    },
  );
  scope.get(
    '/agents/:id/privilege',
    {
      schema: {
        summary: 'Whom an agent can reach in how many hops, and the least that it needs',
        tags,
        params: Type.Object({ id: Type.String({ maxLength: 512 }) }),
        querystring: Type.Object(
          { ...daysQuery, hops: Type.Integer({ default: 3, minimum: 1, maximum: hopsMax }) },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({ blast_radius: Type.Unknown(), minimal_grants: Type.Array(Type.Unknown()) }),
        },
      },
    },
    async (request) => {
      const { space, days, hops } = request.query;
      const uses = await usesOf(store, lastDays(space, days, context.clock.now())[0]);
      const graph = reachGraph(uses.map(({ source, destination }) => [source, destination] as const));
      return {
        blast_radius: graph.radiusOf(request.params.id, hops),
        minimal_grants: [...minimalGrants(uses, request.params.id)],
      };
    },
  );
}
