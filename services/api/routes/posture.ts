import { Type } from 'typebox';
import type { Intentions } from '#shared/policy/intentions.ts';
import { assess } from '#shared/posture/assess.ts';
import { assessmentHtml } from '#shared/posture/report/assessment-html.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { pageQuery } from '../page.ts';

const daysMax = 400;

/** The route of the assessment, as JSON or a page. */
export function postureRoutes(
  scope: ApiScope,
  { store, context }: ApiDependencies,
  intentions: Intentions,
): void {
  scope.get(
    '/assessment',
    {
      schema: {
        summary: 'How far a space keeps to zero trust, over the last days; as a page for `Accept: text/html`',
        tags: ['posture'],
        querystring: Type.Object(
          {
            space: pageQuery.space,
            days: Type.Integer({ default: 90, minimum: 1, maximum: daysMax }),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Unknown() },
      },
    },
    async (request, reply) => {
      const { space, days } = request.query;
      const now = context.clock.now();
      const assessment = await assess({ store, intentions }, { space, days, now });
      if (!(request.headers.accept ?? '').includes('text/html')) return assessment;
      return reply.type('text/html; charset=utf-8').serializer(String).send(assessmentHtml(assessment, now));
    },
  );
}
