import swagger from '@fastify/swagger';
import type { ApiScope } from './dependencies.ts';

/** Describes the routes that are put on the scope after this, from the schemas that check them. */
export async function describeApi(scope: ApiScope, version: string): Promise<void> {
  await scope.register(swagger, {
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
