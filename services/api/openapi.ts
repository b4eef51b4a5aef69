import swagger from '@fastify/swagger';
import { Type } from 'typebox';
import type { ApiScope } from './dependencies.ts';

const problem = Type.Object(
  {
    type: Type.String({ description: 'Permanent: urn:amiss:problem:input_invalid, ...' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'For people' }),
    instance: Type.String({ description: 'Id of the request, as in the log and in X-Request-Id' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }), {
        description: 'What is wrong with the input, part by part',
      }),
    ),
  },
  { description: 'Problem details (RFC 9457)' },
);
const failed = {
  description: 'Problem details (RFC 9457)',
  content: { 'application/problem+json': { schema: problem } },
};

/** Describes the routes that are put on the scope after this, from the schemas that check them. */
export async function describeApi(scope: ApiScope, version: string): Promise<void> {
  await scope.register(swagger, {
    // Every route fails in the one way that the server has.
    transform: ({ schema, url }) => {
      const answers = { ...(schema.response as object), '4XX': failed, '5XX': failed };
      return { schema: { ...schema, response: answers }, url };
    },
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Amiss',
        version,
        description:
          'What analysts ask and decide. Times are UTC milliseconds. Errors are problem details (RFC 9457) whose ' +
          '`type` is permanent. Lists go on with `cursor`.',
      },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  });
}

/** The route of the description itself. */
export function openapiRoute(scope: ApiScope): void {
  scope.get('/openapi.json', { schema: { hide: true } }, async () => scope.swagger());
}
