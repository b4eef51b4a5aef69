import type { Policy } from '../policy/policy.ts';
import type { Store } from '../store/store.ts';
import type { Period } from './period.ts';

/** Calls of a period that are the same in all that a policy can ask of them, counted by the store. */
export interface StoredCalls {
  readonly source: string;
  readonly destination: string;
  readonly source_zone: string | null;
  readonly destination_zone: string | null;
  readonly source_kind: string | null;
  readonly protocol: string | null;
  readonly destination_port: number | null;
  readonly action: string | null;
  readonly auth_method: string | null;
  readonly tls_version: string | null;
  readonly mtls: boolean | null;
  readonly mfa: boolean | null;
  readonly calls: number;
  /** Of them, those that somebody already refused. */
  readonly refused: number;
  /** UTC ms. */
  readonly first_time: number;
  readonly last_time: number;
}

/** What else than source and destination calls are told apart by. */
export type CallField = keyof Omit<
  StoredCalls,
  'source' | 'destination' | 'calls' | 'refused' | 'first_time' | 'last_time'
>;

const callFields: readonly CallField[] = [
  'source_zone',
  'destination_zone',
  'source_kind',
  'protocol',
  'destination_port',
  'action',
  'auth_method',
  'tls_version',
  'mtls',
  'mfa',
];

/** Groups of calls that one question may have; the store refuses more, and the period has to be shorter. */
const groupsMax = 5_000_000;

/**
 * Counts the calls of a period, grouped by their ends and the given fields: one pass over the events, in the store.
 * The groups come as a stream, so that a large network does not have to fit into memory.
 */
export function storedCalls(
  store: Store,
  period: Period,
  fields: readonly CallField[],
  signal?: AbortSignal,
): AsyncIterable<StoredCalls> {
  const columns = callFields.map((field) => (fields.includes(field) ? field : `NULL AS ${field}`));
  const keys = ['source', 'destination', ...callFields.filter((field) => fields.includes(field))];
  return store.stream<StoredCalls>({
    sql: `
      SELECT source, destination, ${columns.join(', ')},
        count() AS calls, countIf(outcome = 'denied') AS refused,
        min(time) AS first_time, max(time) AS last_time
      FROM events
      WHERE space = {space:String} AND time >= {from:Int64} AND time < {to:Int64}
      GROUP BY ${keys.join(', ')}`,
    parameters: { ...period },
    rowsMax: groupsMax,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The fields that a policy looks at: what it never asks for need not tell calls apart. */
export function fieldsOf(policy: Policy): readonly CallField[] {
  const { zones, identity, tls } = policy;
  const asks: Readonly<Record<CallField, boolean>> = {
    source_zone: true,
    destination_zone: true,
    source_kind: identity.mfa_kinds.length > 0,
    protocol: zones.rules.some((rule) => rule.protocols !== undefined),
    destination_port: zones.rules.some((rule) => rule.ports !== undefined),
    action: zones.rules.some((rule) => rule.actions !== undefined),
    auth_method: identity.anonymous !== 'allowed',
    tls_version: tls.plaintext !== 'allowed' || tls.version_min !== 'SSLv3',
    mtls: tls.mtls === 'required',
    mfa: identity.mfa_kinds.length > 0,
  };
  return callFields.filter((field) => asks[field]);
}
