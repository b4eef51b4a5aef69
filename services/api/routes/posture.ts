import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import type { Decision } from '#shared/decision.ts';
import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { type Assessment, assess } from '#shared/posture/assess.ts';
import { periodDaysMax } from '#shared/posture/period.ts';
import { assessmentHtml } from '#shared/posture/report/assessment-html.ts';
import { type Assessed, assessedOf, recordOf } from '#shared/posture/schedule.ts';
import { appendDecision } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { pageQuery } from '../page.ts';

const assessmentQuery = Type.Object(
  { space: pageQuery.space, days: Type.Integer({ default: 90, minimum: 1, maximum: periodDaysMax }) },
  { additionalProperties: false },
);

/** The assessment that was recorded last, by space. */
interface Assessments {
  take(decision: Decision | undefined): void;
  last(space: string): Assessed | undefined;
}

export function createAssessments(): Assessments {
  const last = new Map<string, Assessed>();
  return {
    take: (decision) => {
      const assessed = decision && assessedOf(decision);
      if (decision !== undefined && assessed !== undefined) last.set(decision.space, assessed);
    },
    last: (space) => last.get(space),
  };
}

/** Routes of the assessment, as JSON or a page: looking, and recording that one was made. */
export function postureRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  { intentions, assessments }: { readonly intentions: Intentions; readonly assessments: Assessments },
): void {
  const { store, context } = dependencies;
  const measure = ({ space, days }: { readonly space: string; readonly days: number }) =>
    assess({ store, intentions }, { space, days, now: context.clock.now(), last: assessments.last(space) });
  const tags = ['posture'];
  const response = { 200: Type.Unknown(), 202: Type.Unknown() };
  scope.get(
    '/assessment',
    {
      schema: {
        summary: 'How far a space keeps to zero trust, over the last days; as a page for `Accept: text/html`',
        tags,
        querystring: assessmentQuery,
        response,
      },
    },
    async (request, reply) => answer(await measure(request.query), request, reply),
  );
  scope.post(
    '/assessment',
    {
      schema: {
        summary: 'The same, recorded: the next one is due by it',
        tags,
        querystring: assessmentQuery,
        response,
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space, days } = request.query;
      const assessment = await measure(request.query);
      const body = recordOf(assessment, { at: assessment.to, days });
      const key = `assessment/${space}`;
      const wanted = { key, kind: 'assessment', space, by: caller.name, reason: 'assessed', body };
      await appendDecision(dependencies, wanted);
      return answer(assessment, request, reply.code(202));
    },
  );
}

function answer(assessment: Assessment, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (!(request.headers.accept ?? '').includes('text/html')) return reply.send(assessment);
  const page = assessmentHtml(assessment, assessment.to);
  return reply.type('text/html; charset=utf-8').serializer(String).send(page);
}
