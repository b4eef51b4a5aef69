import type { TSchema } from 'typebox';
import type { Alert } from '#shared/alert.ts';
import type { AmissEvent } from '#shared/event.ts';

/** A schema as it stands in OpenAPI: without the `$id`s of what is nested, which may be named only once. */
export function unnamed<T extends TSchema>(schema: T): T {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key === '$id' ? undefined : value)));
}

/** An event of the store as it came: what is not known is absent. */
export function eventOfRow(row: Readonly<Record<string, unknown>>): AmissEvent {
  const known = Object.entries(row).filter(([, value]) => value !== null && !isEmpty(value));
  return Object.fromEntries(known) as AmissEvent;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A row of `alerts` or `alert_history`: what the log holds as JSON lies there as text. */
export interface AlertRow extends Omit<Alert, 'evidence' | 'first_seen' | 'techniques'> {
  readonly evidence: string;
  readonly first_seen: string | null;
  readonly techniques: string;
}

/** The columns of an alert, in the order of its schema. */
export const alertColumns =
  'id, revision, space, time, updated_at, agent, peers, cause, title, sentence, severity, score, p, detectors, ' +
  'evidence, first_seen, signals, events, techniques, status';

export function alertOfRow(row: AlertRow): Alert {
  return {
    ...row,
    evidence: parseOr(row.evidence, []),
    first_seen: parseOr(row.first_seen ?? '', null),
    techniques: parseOr(row.techniques, []),
  };
}

/** JSON of the store, or a value in its place where a column was left empty. */
export function parseOr<T>(text: string, empty: T): T {
  return text === '' ? empty : JSON.parse(text);
}
