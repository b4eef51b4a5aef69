import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import { decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { declarationKey, factOrigins, parseDeclaration } from '#shared/registry/declaration.ts';
import { learnedAgent, learnedAgents } from '#shared/registry/learned-agents.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { decodeCursor, pageOf, pageQuery, sendPage } from '../page.ts';
import { unnamed } from '../shapes.ts';

const spaceQuery = Type.Object({ space: pageQuery.space }, { additionalProperties: false });
const agentParameter = Type.Object({ agent: Type.String({ minLength: 1, maxLength: 512 }) });
const importable = factOrigins.filter((origin) => origin !== 'learned');

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
  scope.get(
    '/registry/:agent',
    {
      schema: {
        summary: 'One agent with everything known of it and from where',
        tags,
        params: agentParameter,
        querystring: spaceQuery,
        response: { 200: Type.Unknown() },
      },
    },
    async (request) => {
      const { agent } = request.params;
      const { space } = request.query;
      for (const sighting of await learnedAgent(dependencies.store, space, agent)) registry.see(sighting);
      const known = registry.get(space, agent);
      if (known === undefined)
        throw new AppError('NOT_FOUND', `agent "${agent}" was neither declared nor seen`);
      const declarations = [...registry.declarations(space).values()].filter((one) => one.agent === agent);
      return { ...known, declarations };
    },
  );
  declaringRoutes(scope, dependencies, callerOf, intentions);
}

function declaringRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  { registry }: Intentions,
): void {
  const tags = ['registry'];
  scope.put(
    '/registry',
    {
      schema: {
        summary: 'Declare an agent, or all agents whose ids begin alike',
        description: 'The declaration replaces the one before of the same agent and origin.',
        tags,
        querystring: spaceQuery,
        body: Type.Unknown(),
        response: { 202: unnamed(decisionSchema) },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const parsed = parseDeclaration(request.body);
      if (!parsed.ok) throw new AppError('INPUT_INVALID', parsed.faults.join('; '));
      const { space } = request.query;
      const key = declarationKey(space, parsed.declaration);
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
  scope.delete(
    '/registry/:agent',
    {
      schema: {
        summary: 'Take back what was declared or imported of an agent',
        tags,
        params: agentParameter,
        querystring: Type.Object(
          { space: pageQuery.space, origin: Type.Enum(importable, { default: 'declared' }) },
          { additionalProperties: false },
        ),
        response: { 202: unnamed(decisionSchema) },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space, origin } = request.query;
      const key = declarationKey(space, { agent: request.params.agent, origin });
      if (!registry.declarations(space).has(key))
        throw new AppError('NOT_FOUND', `nothing ${origin} is known of "${request.params.agent}"`);
      const wanted = { key, kind: 'agent', space, by: caller.name, reason: 'taken back', body: null };
      return reply.code(202).send(await appendDecision(dependencies, wanted));
    },
  );
}
