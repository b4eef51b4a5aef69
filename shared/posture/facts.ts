import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';

/** What the store counts of a period: calls that the logs tell something of, and those of them that are as they should be. */
export interface PostureFacts {
  readonly calls: number;
  readonly calls_with_tls: number;
  readonly calls_encrypted: number;
  readonly calls_modern: number;
  readonly calls_with_mtls: number;
  readonly calls_mutual: number;
  readonly calls_with_identity: number;
  readonly calls_proven: number;
  readonly token_calls: number;
  readonly token_calls_short: number;
  readonly token_calls_expired: number;
  readonly human_calls_with_mfa: number;
  readonly human_calls_mfa: number;
  readonly calls_zoned: number;
  readonly calls_versioned: number;
  readonly calls_observed: number;
  readonly calls_shipped: number;
  readonly alerts: number;
  /** Alerts older than a day that somebody dealt with, of all that are that old. */
  readonly alerts_old: number;
  readonly alerts_dealt_with: number;
}

/** One day of a period, for the plots. */
export interface PostureDay {
  /** Start of the day, UTC ms. */
  readonly time: number;
  readonly calls: number;
  /** Shares in [0, 1]; `null` where the logs of the day do not say. */
  readonly encrypted: number | null;
  readonly proven: number | null;
}

const dayMs = 86_400_000;
// Spellings of TLS 1.2 and 1.3 after `lower`, as in tls-version.ts.
const modern = "replaceRegexpAll(lower(assumeNotNull(tls_version)), '[^0-9]', '') IN ('12', '13')";
const plain = "lower(assumeNotNull(tls_version)) IN ('none', 'plaintext', 'cleartext', '-')";
const anonymous = "assumeNotNull(auth_method) IN ('none', 'anonymous', 'unauthenticated')";
const within = 'space = {space:String} AND time >= {from:Int64} AND time < {to:Int64}';

/**
 * Counts a period in one pass.
 *
 * @param lifeMinutesMax a token that lives longer is not short-lived
 */
export async function postureFacts(
  store: Store,
  period: Period,
  lifeMinutesMax: number,
  signal?: AbortSignal,
): Promise<PostureFacts> {
  const abort = signal === undefined ? {} : { signal };
  const [calls] = await store.query<Omit<PostureFacts, 'alerts' | 'alerts_old' | 'alerts_dealt_with'>>({
    sql: `
      SELECT count() AS calls,
        countIf(tls_version IS NOT NULL) AS calls_with_tls,
        countIf(tls_version IS NOT NULL AND NOT ${plain}) AS calls_encrypted,
        countIf(tls_version IS NOT NULL AND ${modern}) AS calls_modern,
        countIf(mtls IS NOT NULL) AS calls_with_mtls, countIf(mtls = true) AS calls_mutual,
        countIf(auth_method IS NOT NULL) AS calls_with_identity,
        countIf(auth_method IS NOT NULL AND NOT ${anonymous}) AS calls_proven,
        countIf(token_issued_at IS NOT NULL AND token_expires_at IS NOT NULL) AS token_calls,
        countIf(token_expires_at - token_issued_at <= {life:Int64}) AS token_calls_short,
        countIf(token_expires_at < time AND outcome = 'success') AS token_calls_expired,
        countIf(source_kind = 'human' AND mfa IS NOT NULL) AS human_calls_with_mfa,
        countIf(source_kind = 'human' AND mfa = true) AS human_calls_mfa,
        countIf(source_zone IS NOT NULL AND destination_zone IS NOT NULL) AS calls_zoned,
        countIf(source_version IS NOT NULL) AS calls_versioned,
        countIf(observer IS NOT NULL) AS calls_observed, countIf(shipper IS NOT NULL) AS calls_shipped
      FROM events WHERE ${within}`,
    parameters: { ...period, life: lifeMinutesMax * 60_000 },
    ...abort,
  });
  const [alerts] = await store.query<Pick<PostureFacts, 'alerts' | 'alerts_old' | 'alerts_dealt_with'>>({
    sql: `
      WITH decided AS (SELECT key FROM decisions WHERE kind = 'alert')
      SELECT count() AS alerts, countIf(is_old) AS alerts_old,
        countIf(is_old AND (status != 'new' OR concat('alert/', id) IN decided)) AS alerts_dealt_with
      FROM (
        SELECT id, status, time < {to:Int64} - ${dayMs} AS is_old FROM alerts FINAL WHERE ${within}
      )`,
    parameters: { ...period },
    ...abort,
  });
  if (calls === undefined || alerts === undefined) throw new RangeError('a count has no row');
  return { ...calls, ...alerts };
}

/** From when to when the stored calls of a space are, UTC ms; `null` where there are none. */
export async function storedSpan(
  store: Store,
  space: string,
  signal?: AbortSignal,
): Promise<{ readonly from: number; readonly to: number } | null> {
  const [span] = await store.query<{ readonly calls: number; readonly from: number; readonly to: number }>({
    sql: `SELECT count() AS calls, min(time) AS from, max(time) AS to FROM events WHERE space = {space:String}`,
    parameters: { space },
    ...(signal === undefined ? {} : { signal }),
  });
  return span === undefined || span.calls === 0 ? null : { from: span.from, to: span.to };
}

/** The days of a period, oldest first; days without calls are left out. */
export function postureDays(
  store: Store,
  period: Period,
  signal?: AbortSignal,
): Promise<readonly PostureDay[]> {
  return store.query<PostureDay>({
    sql: `
      SELECT time - positiveModulo(time, ${dayMs}) AS time, count() AS calls,
        if(countIf(tls_version IS NOT NULL) = 0, NULL,
          countIf(tls_version IS NOT NULL AND NOT ${plain}) / countIf(tls_version IS NOT NULL)) AS encrypted,
        if(countIf(auth_method IS NOT NULL) = 0, NULL,
          countIf(auth_method IS NOT NULL AND NOT ${anonymous}) / countIf(auth_method IS NOT NULL)) AS proven
      FROM (SELECT time, tls_version, auth_method FROM events WHERE ${within})
      GROUP BY time ORDER BY time`,
    parameters: { ...period },
    ...(signal === undefined ? {} : { signal }),
  });
}
