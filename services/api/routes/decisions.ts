import { randomUUID } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { requireRole } from '#shared/auth/token.ts';
import { type Decision, decisionSchema } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import type { TopicName } from '#shared/log/topics.ts';
import { plannedChangeSchema } from '#shared/planned-change.ts';
import { silenceSchema } from '#shared/silence.ts';
import type { Store } from '#shared/store/store.ts';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import type { CallerOf } from '../guard.ts';
import { conflict, createIdempotency, repeatableIdOf } from '../idempotency.ts';
import { afterTimeCursor, pageOf, pageQuery, sendPage, timeQuery, timeRange } from '../page.ts';
import { parseOr, unnamed } from '../shapes.ts';
import { all, when } from '../sql.ts';

/** A row of `decisions`: the body lies there as text. */
export interface DecisionRow extends Omit<Decision, 'body'> {
  readonly body: string;
}

export function decisionOfRow(row: DecisionRow): Decision {
  return { ...row, body: parseOr(row.body, null) };
}

const bodyBytesMax = 64 * 1024;
const topic = 'decisions' satisfies TopicName;

const newDecision = Type.Object(
  {
    key: Type.String({
      pattern: '^[a-z][a-z_]{0,63}/.+$',
      maxLength: 1024,
      description: 'What it is about, the kind first: alert/ID, agent/ID, silence/NAME, policy/SPACE',
    }),
    space: Type.String({ default: 'default', minLength: 1, maxLength: 512 }),
    reason: Type.String({ default: '', maxLength: 4096 }),
    body: Type.Unknown({ description: 'The decision itself; null takes the one before back' }),
  },
  { additionalProperties: false },
);

const listQuery = Type.Object(
  {
    ...pageQuery,
    ...timeQuery,
    key: Type.Optional(Type.String({ maxLength: 1024 })),
    kind: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);

/** Routes of decisions: what people decided, and deciding. */
export function decisionRoutes(scope: ApiScope, dependencies: ApiDependencies, callerOf: CallerOf): void {
  const { store } = dependencies;
  scope.get(
    '/decisions',
    {
      schema: {
        summary: 'Decisions, newest first',
        tags: ['decisions'],
        querystring: listQuery,
        response: { 200: pageOf(unnamed(decisionSchema)) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...query } = request.query;
      const { sql, parameters } = all([
        when('space = {space:String}', 'space', query.space),
        when('key = {key:String}', 'key', query.key),
        when('kind = {kind:String}', 'kind', query.kind),
        ...timeRange(query),
        afterTimeCursor(cursor, 'String'),
      ]);
      const rows = await store.query<DecisionRow>({
        sql: `SELECT * FROM decisions FINAL WHERE ${sql} ORDER BY time DESC, id DESC LIMIT {rows:UInt32}`,
        parameters: { ...parameters, rows: limit + 1 },
      });
      return sendPage(request, reply, {
        rows: rows.map(decisionOfRow),
        limit,
        cursorOf: ({ time, id }: Decision) => [time, id],
      });
    },
  );
  const decide = createDecide(dependencies);
  scope.post(
    '/decisions',
    {
      bodyLimit: bodyBytesMax,
      schema: {
        summary: 'Decide: takes effect within seconds, and is kept',
        description:
          'Answers when the decision is durable. With an Idempotency-Key a repeat changes nothing.',
        tags: ['decisions'],
        headers: Type.Object({
          'idempotency-key': Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        }),
        body: newDecision,
        response: { 202: unnamed(decisionSchema) },
      },
    },
    async (request, reply) => {
      const caller = requireRole(callerOf(request), 'admin');
      const decision = await decide(caller.name, request.body, request.headers['idempotency-key']);
      return reply.code(202).send(decision);
    },
  );
}

function createDecide({ context, store }: ApiDependencies) {
  const idempotency = createIdempotency<Decision>();
  const append = async (decision: Decision) => {
    await context.log.append(topic, [{ key: decision.key, value: JSON.stringify(decision) }]);
    context.logger.info({ decision: decision.id, about: decision.key, by: decision.by }, 'decided');
    return decision;
  };
  return async (by: string, wanted: Static<typeof newDecision>, idempotencyKey: string | undefined) => {
    const { key, space, reason, body } = wanted;
    const kind = key.slice(0, key.indexOf('/'));
    refuseUnfit(kind, body);
    const make = (id: string): Decision => {
      return { id, key, kind, time: context.clock.now(), space, by, reason, body };
    };
    if (idempotencyKey === undefined) return append(make(randomUUID()));
    const id = repeatableIdOf(by, idempotencyKey);
    return idempotency.once(id, JSON.stringify(wanted), async () => {
      const before = await decisionBefore(store, id);
      if (before === undefined) return append(make(id));
      const isSame = JSON.stringify([before.key, before.space, before.reason, before.body]);
      if (isSame !== JSON.stringify([key, space, reason, body])) throw conflict();
      return before;
    });
  };
}

/** The decision of an earlier life of this process, where the store knows it. */
async function decisionBefore(store: Store, id: string): Promise<Decision | undefined> {
  try {
    const rows = await store.query<DecisionRow>({
      sql: 'SELECT * FROM decisions WHERE id = {id:String} LIMIT 1',
      parameters: { id },
    });
    return rows.map(decisionOfRow)[0];
  } catch (error) {
    // Deciding must not depend on the store; the repeat of a decision of before a restart is decided again.
    if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return undefined;
    throw error;
  }
}

/** A wrong body would make a decision without effect, in silence. Other kinds are judged by whoever reads them. */
function refuseUnfit(kind: string, body: unknown): void {
  const judged = judgedKinds[kind];
  if (judged === undefined || body === null || Check(judged.schema, body)) return;
  const fields = Object.keys(judged.schema.properties).join(', ');
  throw new AppError('INPUT_INVALID', `body: is not ${judged.name}; it has ${fields}, with times in UTC ms`);
}

const judgedKinds: Readonly<
  Record<
    string,
    { readonly name: string; readonly schema: typeof silenceSchema | typeof plannedChangeSchema }
  >
> = {
  silence: { name: 'a silence', schema: silenceSchema },
  planned_change: { name: 'a planned change', schema: plannedChangeSchema },
};
