import { type TSchema, Type } from 'typebox';
import { AppError } from '#shared/errors.ts';
import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import { type Condition, when } from './sql.ts';

const limitDefault = 100;
const limitMax = 1000;
const cursorCharactersMax = 2048;

/** The query parameters of every list. */
export const pageQuery = {
  space: Type.String({ default: 'default', maxLength: 512, description: 'Tenant' }),
  limit: Type.Integer({ default: limitDefault, minimum: 1, maximum: limitMax }),
  cursor: Type.Optional(
    Type.String({ maxLength: cursorCharactersMax, description: 'The `next` of the page before' }),
  ),
};

/** The query parameters of lists over time. */
export const timeQuery = {
  from: Type.Optional(Type.Integer({ minimum: 0, description: 'Not before, UTC ms' })),
  to: Type.Optional(Type.Integer({ minimum: 0, description: 'Before, UTC ms' })),
};

/** One page of a list. */
export function pageOf<T extends TSchema>(items: T) {
  return Type.Object(
    {
      items: Type.Array(items),
      next: Type.Union([Type.String(), Type.Null()], {
        description: 'Cursor of the next page; null at the end. Also in the Link header',
      }),
    },
    { additionalProperties: false },
  );
}

/** The condition of the rows after a cursor, in the order `time DESC, id DESC`. */
export function afterTimeCursor(
  cursor: string | undefined,
  idType: 'String' | 'UUID',
): Condition | undefined {
  if (cursor === undefined) return undefined;
  const [time, id] = decodeCursor(cursor, ['number', 'string']);
  if (idType === 'UUID' && !isUuid(String(id))) throw badCursor();
  return {
    sql: `(time, id) < ({cursor_time:Int64}, {cursor_id:${idType}})`,
    parameters: { cursor_time: Number(time), cursor_id: String(id) },
  };
}

/** From and to as conditions on a time column. */
export function timeRange(query: { from?: number; to?: number }, column = 'time') {
  return [
    when(`${column} >= {from:Int64}`, 'from', query.from),
    when(`${column} < {to:Int64}`, 'to', query.to),
  ];
}

/** Reads a cursor; the types are those of its parts. @throws {AppError} INPUT_INVALID */
export function decodeCursor(cursor: string, types: readonly ('number' | 'string')[]): readonly unknown[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badCursor();
  }
  const fits =
    Array.isArray(parts) &&
    parts.length === types.length &&
    parts.every((part, index) =>
      types[index] === 'number' ? Number.isSafeInteger(part) : typeof part === 'string',
    );
  if (!fits) throw badCursor();
  return parts as readonly unknown[];
}

function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

function badCursor(): AppError {
  return new AppError('INPUT_INVALID', 'cursor: not one that this list gave out; start without a cursor');
}

/**
 * Makes the page of up to `limit + 1` rows, and its Link header: the one row too many says that there are more.
 *
 * @param cursorOf what to go on after, made of a page's last item
 */
export function sendPage<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    rows,
    limit,
    cursorOf,
  }: { rows: readonly T[]; limit: number; cursorOf: (last: T) => readonly (string | number)[] },
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items, next: null };
  const next = encodeCursor(cursorOf(last));
  const url = new URL(request.url, 'http://localhost');
  url.searchParams.set('cursor', next);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
  return { items, next };
}
