import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import {
  type AnalystMove,
  analystMoves,
  type Containment,
  containmentOf,
  containmentSchema,
  movedBy,
} from '#shared/containment.ts';
import { type Decision, decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { pageQuery } from '../page.ts';
import { unnamed } from '../shapes.ts';

const moves = Object.keys(analystMoves) as AnalystMove[];
/** Isolations that one answer lists, the newest. */
const listedMax = 1000;

/** Isolations as the decisions say. */
export interface Containments {
  take(key: string, decision: Decision | undefined): void;
  get(key: string): { readonly containment: Containment; readonly space: string } | undefined;
  list(space: string): readonly Containment[];
}

export function createContainments(): Containments {
  const known = new Map<string, { readonly containment: Containment; readonly space: string }>();
  return {
    take: (key, decision) => {
      const containment = decision === undefined ? undefined : containmentOf(decision);
      if (decision !== undefined && containment !== undefined)
        known.set(key, { containment, space: decision.space });
      else known.delete(key);
    },
    get: (key) => known.get(key),
    list: (space) =>
      [...known.values()]
        .filter((entry) => entry.space === space)
        .map(({ containment }) => containment)
        .sort((a, b) => b.proposed_at - a.proposed_at)
        .slice(0, listedMax),
  };
}

/** Routes of isolations: what is proposed or active, and approving, declining and undoing it. */
export function containmentRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  containments: Containments,
): void {
  const tags = ['containment'];
  scope.get(
    '/containments',
    {
      schema: {
        summary: 'Isolations that were proposed, newest first',
        tags,
        querystring: Type.Object({ space: pageQuery.space }, { additionalProperties: false }),
        response: { 200: Type.Object({ items: Type.Array(unnamed(containmentSchema)) }) },
      },
    },
    async (request) => ({ items: [...containments.list(request.query.space)] }),
  );
  scope.post(
    '/containments/:alert',
    {
      schema: {
        summary: 'Approve, decline or undo the isolation that an alert asks for',
        tags,
        params: Type.Object({ alert: Type.String({ maxLength: 512 }) }),
        body: Type.Object(
          { move: Type.Enum(moves), reason: Type.String({ default: '', maxLength: 4096 }) },
          { additionalProperties: false },
        ),
        response: { 202: unnamed(decisionSchema) },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const key = `containment/${request.params.alert}`;
      const known = containments.get(key);
      if (known === undefined)
        throw new AppError('NOT_FOUND', `no isolation was proposed for alert "${request.params.alert}"`);
      const { move, reason } = request.body;
      const body = movedBy(known.containment, move);
      if (body === undefined) {
        const { state } = known.containment;
        throw new AppError(
          'CONFLICT',
          `the isolation is ${state}; ${move} needs ${analystMoves[move].join(' or ')}`,
        );
      }
      const wanted = { key, kind: 'containment', space: known.space, by: caller.name, reason, body };
      return reply.code(202).send(await appendDecision(dependencies, wanted));
    },
  );
}
