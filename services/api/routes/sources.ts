import { type Static, Type } from 'typebox';
import type { ApiDependencies, ApiScope } from '../dependencies.ts';
import { decodeCursor, pageOf, pageQuery, sendPage } from '../page.ts';
import { all } from '../sql.ts';

// The rate and the delays are those of the newest five minutes: long enough to be steady, short enough to be current.
const recentMs = 300_000;
const hourMs = 3_600_000;

const known = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const source = Type.Object(
  {
    source: Type.String({ description: "The shipper's name, or its address where it shows no credential" }),
    format: Type.String({ description: 'Wire format' }),
    shipper: known(
      Type.String({ description: 'As which it is known; null on loopback without a credential' }),
    ),
    last_seen: Type.Integer({ description: 'Newest delivery or attempt, UTC ms' }),
    rate: Type.Number({ description: 'Records a second over the last five minutes' }),
    accepted: Type.Integer({ description: 'Records since `since`' }),
    rejected: Type.Integer({ description: 'Records since `since` that are among the rejects' }),
    bytes: Type.Integer({ description: 'As they came, since `since`' }),
    busy: Type.Integer({ description: 'Deliveries since `since` that were asked to come again later' }),
    refused: Type.Integer({ description: 'Deliveries since `since` that were turned away or unreadable' }),
    skew_ms: known(
      Type.Integer({
        description:
          "Shortest way from event time to receipt in its newest minutes: the clock's error. Negative: its clock is ahead",
      }),
    ),
    lag_ms: known(
      Type.Integer({ description: 'Median way from event time to receipt in its newest minutes' }),
    ),
  },
  { additionalProperties: false },
);
type Source = Static<typeof source>;

const query = Type.Object(
  {
    ...pageQuery,
    since: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Seen at or after, UTC ms; the last hour without' }),
    ),
  },
  { additionalProperties: false },
);

// A collector's rows of one minute are revisions of one; those of several collectors add up.
const sums = `SELECT source, format, any(counted.shipper) AS shipper, max(counted.last_seen) AS last_seen,
    sumIf(counted.accepted + counted.rejected, minute >= {recent_from:Int64}) / {recent_seconds:Float64} AS rate,
    sum(counted.accepted) AS accepted, sum(counted.rejected) AS rejected, sum(counted.bytes) AS bytes,
    sum(counted.busy) AS busy, sum(counted.refused) AS refused, minIf(delay_least_ms, is_newest) AS skew_ms,
    if(isNull(skew_ms), NULL, toInt64(quantileExactWeightedIf(0.5)(ifNull(delay_median_ms, 0), counted.accepted,
      is_newest AND isNotNull(delay_median_ms)))) AS lag_ms
  FROM (
    SELECT *, minute > maxIf(minute, accepted > 0) OVER (PARTITION BY source, format) - {recent:Int64} AS is_newest
    FROM sources_minute FINAL WHERE space = {space:String} AND minute >= {since_minute:Int64}) AS counted`;

/** The route of who delivers: how much, how late, and with how many faults. */
export function sourceRoutes(scope: ApiScope, { store, context }: ApiDependencies): void {
  scope.get(
    '/sources',
    {
      schema: {
        summary: 'Who delivers records: last seen, rate, rejects, clock skew and lag, by name',
        tags: ['operations'],
        querystring: query,
        response: { 200: pageOf(source) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, space } = request.query;
      const now = context.clock.now();
      const since = request.query.since ?? now - hourMs;
      const { sql, parameters } = all([after(cursor)]);
      const rows = await store.query<Source>({
        sql: `${sums} GROUP BY source, format HAVING last_seen >= {since:Int64} AND ${sql}
          ORDER BY source, format LIMIT {rows:UInt32}`,
        parameters: {
          ...parameters,
          space,
          since,
          since_minute: since - (since % 60_000),
          recent: recentMs,
          recent_from: now - recentMs,
          recent_seconds: recentMs / 1000,
          rows: limit + 1,
        },
      });
      return sendPage(request, reply, { rows, limit, cursorOf: (last) => [last.source, last.format] });
    },
  );
}

function after(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [name, format] = decodeCursor(cursor, ['string', 'string']);
  return {
    sql: '(source, format) > ({cursor_source:String}, {cursor_format:String})',
    parameters: { cursor_source: String(name), cursor_format: String(format) },
  };
}
