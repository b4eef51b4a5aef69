import { Type } from 'typebox';
import { requireRole } from '#shared/auth/token.ts';
import { AppError } from '#shared/errors.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { type Declaration, declarationKey } from '#shared/registry/declaration.ts';
import { documentsOf } from '#shared/registry/imports/documents.ts';
import { registryImports } from '#shared/registry/imports/index.ts';
import type { Imported, RegistryImport } from '#shared/registry/imports/registry-import.ts';
import { roleListKey } from '#shared/registry/role-list.ts';
import { appendDecisions, type Wanted } from '../decide.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { pageQuery } from '../page.ts';

const importBytesMax = 64 * 2 ** 20; // the pods of a cluster of thousands
const decisionBytesMax = 768 * 1024; // one record of the log
const skippedListedMax = 100;

const importSchema = Type.Object(
  {
    content: Type.Unknown({ description: 'The file as text (JSON or YAML), or its JSON' }),
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description: 'Of a role list; the kind where none is given',
      }),
    ),
    agent: Type.String({
      default: '{namespace}/{name}',
      minLength: 1,
      maxLength: 512,
      description: 'Under which id the calls of a Kubernetes workload are seen; also `{label:app}`',
    }),
    is_complete: Type.Boolean({
      default: false,
      description: 'Take back what an earlier import of this kind said and this one does not',
    }),
    is_dry_run: Type.Boolean({ default: false, description: 'Only tell what would change' }),
  },
  { additionalProperties: false },
);
const count = Type.Integer();
const answerSchema = Type.Object({
  changed: Type.Array(Type.String(), { description: 'Agents, and role lists as `roles/NAME`' }),
  removed: Type.Array(Type.String()),
  unchanged: count,
  skipped: Type.Array(Type.String(), {
    description: `Why something says nothing; the first ${skippedListedMax}`,
  }),
  skipped_count: count,
});

/** Routes by which agents and rights come from elsewhere. */
export function registryImportRoutes(
  scope: ApiScope,
  dependencies: ApiDependencies,
  callerOf: CallerOf,
  intentions: Intentions,
): void {
  scope.post(
    '/registry/imports/:kind',
    {
      bodyLimit: importBytesMax,
      schema: {
        summary: 'Import agents or role lists; what is said already is not decided again',
        description: registryImports.map(({ name, summary }) => `\`${name}\`: ${summary}.`).join(' '),
        tags: ['registry'],
        params: Type.Object({ kind: Type.Enum(registryImports.map(({ name }) => name)) }),
        querystring: Type.Object({ space: pageQuery.space }, { additionalProperties: false }),
        body: importSchema,
        response: { 200: answerSchema, 202: answerSchema },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const { space } = request.query;
      const { content, agent, name = request.params.kind, ...wishes } = request.body;
      const importer = importerOf(request.params.kind);
      const imported = importer.read(read(content), { agent, name, now: dependencies.context.clock.now() });
      const meant = decisionsOf(imported, space);
      const unsaid = wishes.is_complete ? noLongerSaid(intentions, importer, { space, meant }) : [];
      const isSaid = saidIn(intentions, space);
      const news = meant.filter((one) => !isSaid(one));
      const answer = {
        changed: news.map(shown),
        removed: unsaid.map(shown),
        unchanged: meant.length - news.length,
        skipped: imported.skipped.slice(0, skippedListedMax),
        skipped_count: imported.skipped.length,
      };
      if (wishes.is_dry_run) return answer;
      const by = { space, by: caller.name, reason: `imported from ${request.params.kind}` };
      const wanted: readonly Wanted[] = [...news, ...unsaid].map((one) => ({ ...one, ...by }));
      if (wanted.length > 0) await appendDecisions(dependencies, wanted);
      return reply.code(202).send(answer);
    },
  );
}

type Meant = Pick<Wanted, 'key' | 'kind' | 'body'>;

function importerOf(kind: string): RegistryImport {
  const importer = registryImports.find(({ name }) => name === kind);
  if (importer === undefined) throw new AppError('NOT_FOUND', `there is no import of the kind "${kind}"`);
  return importer;
}

function read(content: unknown): readonly unknown[] {
  try {
    return documentsOf(content);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG_INVALID')
      throw new AppError('INPUT_INVALID', error.message);
    throw error;
  }
}

function decisionsOf({ declarations, roleLists }: Imported, space: string): readonly Meant[] {
  const meant = [
    ...declarations.map((body) => ({ key: declarationKey(space, body), kind: 'agent', body })),
    ...roleLists.map((body) => ({ key: roleListKey(space, body), kind: 'roles', body })),
  ];
  for (const { key, body } of meant) {
    if (JSON.stringify(body).length > decisionBytesMax)
      throw new AppError(
        'INPUT_TOO_LARGE',
        `${key}: over ${decisionBytesMax} bytes; import it in parts, each with a name`,
      );
  }
  return meant;
}

/** Tells what is in force already. */
function saidIn({ registry, roleLists }: Intentions, space: string): (meant: Meant) => boolean {
  const declarations = registry.declarations(space);
  return ({ key, body }) => {
    const before = declarations.get(key) ?? roleLists.get(key);
    return before !== undefined && JSON.stringify(before) === JSON.stringify(body);
  };
}

function noLongerSaid(
  { registry }: Intentions,
  importer: RegistryImport,
  { space, meant }: { readonly space: string; readonly meant: readonly Meant[] },
): readonly Meant[] {
  const keys = new Set(meant.map(({ key }) => key));
  const isOfImport = ([key, { origin }]: [string, Declaration]) =>
    origin === importer.origin && !keys.has(key);
  return [...registry.declarations(space)]
    .filter(isOfImport)
    .map(([key]) => ({ key, kind: 'agent', body: null }));
}

/** Agents by their id, role lists by their key without the space. */
function shown({ key, kind }: Meant): string {
  return kind === 'agent'
    ? key.slice('agent/'.length).replace(/#.*$/, '')
    : `roles/${key.split('/').slice(2).join('/')}`;
}
