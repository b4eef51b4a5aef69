import { type Static, Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import { decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import { compilePolicy } from '#shared/policy/compile-policy.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { parsePolicy, parsePolicyText } from '#shared/policy/parse-policy.ts';
import { type Policy, policySchema } from '#shared/policy/policy.ts';
import { policyDiff } from '#shared/policy/policy-diff.ts';
import { learnMatrix, policyOfMatrix } from '#shared/posture/learned-matrix.ts';
import { lastDays } from '#shared/posture/period.ts';
import { whatIf } from '#shared/posture/what-if.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { unnamed } from '../shapes.ts';

const policyBytesMax = 768 * 1024; // a decision has to fit into one record of the log
export const spaceParameter = Type.Object({ space: Type.String({ minLength: 1, maxLength: 512 }) });
export const daysQuery = {
  days: Type.Integer({ default: 30, minimum: 1, maximum: 400, description: 'Days back from now' }),
};
const candidate = Type.Union([
  Type.Unknown({ description: 'A policy' }),
  Type.String({ description: 'or its YAML' }),
]);
const editSchema = Type.Object(
  {
    policy: candidate,
    reason: Type.String({ default: '', maxLength: 4096 }),
    is_dry_run: Type.Boolean({ default: false, description: 'Only tell what would change' }),
  },
  { additionalProperties: false },
);
const changeSchema = Type.Object({
  change: Type.Enum(['added', 'removed', 'replaced', 'moved']),
  key: Type.String(),
  before: Type.Unknown(),
  after: Type.Unknown(),
});

/** Routes of a space's policy: reading, editing with a diff and a dry run, what it would have done, taking it elsewhere. */
export function policyRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  intentions: Intentions,
): void {
  const tags = ['policy'];
  scope.get(
    '/policies/:space',
    {
      schema: {
        summary: 'The policy of a space',
        tags,
        params: spaceParameter,
        response: { 200: unnamed(policySchema) },
      },
    },
    async (request) => intentions.policy(request.params.space).policy,
  );
  scope.put(
    '/policies/:space',
    {
      bodyLimit: policyBytesMax,
      schema: {
        summary: 'Replace the policy of a space; live within seconds, with a diff, or only the diff',
        tags,
        params: spaceParameter,
        body: editSchema,
        response: {
          200: Type.Object({ changes: Type.Array(changeSchema), policy: unnamed(policySchema) }),
          202: Type.Object({ changes: Type.Array(changeSchema), decision: unnamed(decisionSchema) }),
        },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space } = request.params;
      const policy = policyOf(request.body.policy);
      const changes = [...policyDiff(intentions.policy(space).policy, policy)];
      if (request.body.is_dry_run) return { changes, policy };
      const { reason } = request.body;
      const wanted = { key: `policy/${space}`, kind: 'policy', space, by: caller.name, reason, body: policy };
      return reply.code(202).send({ changes, decision: await appendDecision(dependencies, wanted) });
    },
  );
  hindsightRoutes(scope, dependencies, intentions);
}

function hindsightRoutes(scope: ApiScope, { store, context }: ApiDependencies, intentions: Intentions): void {
  const tags = ['policy'];
  const { registry } = intentions;
  scope.post(
    '/policies/:space/what-if',
    {
      bodyLimit: policyBytesMax,
      schema: {
        summary: 'What a policy, or the one in force, would have denied',
        tags,
        params: spaceParameter,
        body: Type.Object(
          { policy: Type.Optional(candidate), ...daysQuery },
          { additionalProperties: false },
        ),
        response: { 200: Type.Unknown() },
      },
    },
    async (request) => {
      const { space } = request.params;
      const { policy, days } = request.body;
      const compiled = policy === undefined ? intentions.policy(space) : compilePolicy(policyOf(policy));
      const [period] = lastDays(space, days, context.clock.now());
      return whatIf(store, { policy: compiled, registry, period });
    },
  );
  scope.get(
    '/policies/:space/learned',
    {
      schema: {
        summary: 'The matrix of zones that traffic draws, and the policy that it suggests',
        tags,
        params: spaceParameter,
        querystring: Type.Object(daysQuery, { additionalProperties: false }),
        response: { 200: Type.Object({ matrix: Type.Unknown(), policy: unnamed(policySchema) }) },
      },
    },
    async (request) => {
      const { space } = request.params;
      const [period] = lastDays(space, request.query.days, context.clock.now());
      const matrix = await learnMatrix(store, registry, period);
      return { matrix, policy: policyOfMatrix(intentions.policy(space).policy, matrix) };
    },
  );
}

/** @throws {AppError} INPUT_INVALID, with every fault by key and remedy */
function policyOf(given: Static<typeof candidate>): Policy {
  const parsed = typeof given === 'string' ? parsePolicyText(given) : parsePolicy(given);
  if (!parsed.ok) throw new AppError('INPUT_INVALID', parsed.faults.join('; '));
  return parsed.policy;
}
