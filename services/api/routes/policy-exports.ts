import { Type } from 'typebox';
import { AppError } from '#shared/errors.ts';
import { compilePolicy } from '#shared/policy/compile-policy.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { policyExports } from '#shared/posture/exports/index.ts';
import { namespacePlaces } from '#shared/posture/exports/policy-export.ts';
import { learnMatrix, policyOfMatrix } from '#shared/posture/learned-matrix.ts';
import { lastDays } from '#shared/posture/period.ts';
import { whatIf } from '#shared/posture/what-if.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { daysQuery, spaceParameter } from './policy.ts';

/** The route that takes a policy to what enforces it. */
export function policyExportRoutes(
  scope: ApiScope,
  { store, context }: ApiDependencies,
  intentions: Intentions,
): void {
  scope.get(
    '/policies/:space/exports/:form',
    {
      schema: {
        summary:
          'The policy in force, or the learned one, for something that enforces it; with what it would have denied',
        tags: ['policy'],
        params: Type.Object({
          ...spaceParameter.properties,
          form: Type.Enum(policyExports.map(({ name }) => name)),
        }),
        querystring: Type.Object(
          { ...daysQuery, of: Type.Enum(['intended', 'learned'], { default: 'intended' }) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Unknown() },
      },
    },
    async (request) => {
      const { space, form } = request.params;
      const chosen = policyExports.find(({ name }) => name === form);
      if (chosen === undefined) throw new AppError('NOT_FOUND', `there is no export "${form}"`);
      const [period] = lastDays(space, request.query.days, context.clock.now());
      const matrix = await learnMatrix(store, intentions.registry, period);
      const intended = intentions.policy(space).policy;
      const policy = request.query.of === 'learned' ? policyOfMatrix(intended, matrix) : intended;
      const zones = zonesOf(
        policy,
        matrix.cells.flatMap(({ from, to }) => [from, to]),
      );
      const files = chosen.write({ policy, zones, placeOf: namespacePlaces });
      const enforced = compilePolicy(chosen.enforced(policy));
      return {
        files,
        would_have: await whatIf(store, { policy: enforced, registry: intentions.registry, period }),
      };
    },
  );
}

function zonesOf(policy: Policy, seen: readonly string[]): readonly string[] {
  const named = policy.zones.rules.flatMap(({ from, to }) => [...from, ...to]);
  return [...new Set([...named.filter((zone) => !zone.includes('*')), ...seen])].sort();
}
