import { Type } from 'typebox';
import type { Intentions } from '#shared/policy/intentions.ts';
import { assess } from '#shared/posture/assess.ts';
import { lastDays } from '#shared/posture/period.ts';
import { assessmentHtml } from '#shared/posture/report/assessment-html.ts';
import { versionChanges, versionFindings, versionsIn } from '#shared/posture/versions.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { pageQuery } from '../page.ts';

const daysMax = 400;
/** A deployment's first hours are when its agents behave unlike before. */
const plannedChangeHours = 24;

/** Routes of the posture: the assessment as JSON or a page, and versions with what is wrong with them. */
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
  scope.get(
    '/versions',
    {
      schema: {
        summary:
          'Outdated, vulnerable and mixed versions, and each change with the planned change that explains it',
        tags: ['posture'],
        querystring: Type.Object(
          { space: pageQuery.space, days: Type.Integer({ default: 30, minimum: 1, maximum: daysMax }) },
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
        planned_change: {
          agent: change.agent,
          from: change.at,
          to: change.at + plannedChangeHours * 3_600_000,
          reason: `${change.agent} went from ${change.from} to ${change.to}`,
        },
      }));
      return { findings: [...versionFindings(rows, intentions, space)], changes };
    },
  );
}
