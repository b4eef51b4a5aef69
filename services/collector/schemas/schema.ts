import type { AmissEvent } from '#shared/event.ts';
import type { Declaration } from '#shared/registry/declaration.ts';
import type { JsonObject } from '../facts/read.ts';

/** What a schema fills in of an event; the collector adds id, space, shipper and the time of receipt. */
export type EventDraft = Omit<AmissEvent, 'id' | 'received_at' | 'space' | 'shipper'>;

/** What the wire format knows about a record beyond the record itself. */
export interface Hint {
  /** Name of the schema that the operator chose for this route: no other is tried. */
  readonly schema?: string;
  /** Time of the envelope (syslog header, HEC `time`), UTC milliseconds: used where the record has none. */
  readonly time?: number;
  /** Host of the envelope: who logged it, where the record does not say. */
  readonly host?: string;
  /** The workload that wrote the line, `namespace/name`, where the shipper's Kubernetes metadata tell. */
  readonly workload?: string;
  /** Tag, sourcetype, index, topic or file name: `zeek.conn`, `aws:cloudwatchlogs:vpcflow`. */
  readonly stream?: string;
}

/** What mapping needs from outside; nothing here changes while a record is mapped. */
export interface MapContext {
  /** When the record came in, UTC milliseconds: the time of records that have none. */
  readonly receivedAt: number;
  /** HMAC with the deployment's key, as 32 hex digits: what stands for a token or a hashed resource. */
  readonly digest: (value: string) => string;
  /** Store resources (recipients, hosts, accounts) as digests only. */
  readonly hashResources: boolean;
}

/**
 * Several records may tell of one call: the spans of both its ends, both sidecars, Zeek's conn, ssl and http lines.
 * Records with the same `call` are folded by `fold.ts`; `part` says what each one saw.
 */
export interface Sighting {
  readonly call: string;
  readonly part: 'source' | 'destination' | 'connection' | 'handshake' | 'request';
}

/** What became of one record, or of one of the several things that it tells. */
export type SchemaOutcome =
  | {
      readonly kind: 'event';
      readonly event: EventDraft;
      /** Is it as the record says, so that every field must be looked at still? Other drafts come from `toEvent`. */
      readonly isUnchecked?: true;
      /** The record's own id (audit id, flow uuid): with the shipper's name it makes a repeat harmless. */
      readonly clientId?: string;
      readonly sighting?: Sighting;
    }
  /** What the record tells about an agent itself (an agent card): an entry for the registry, not an event. */
  | { readonly kind: 'inventory'; readonly declaration: Declaration }
  /** Valid, but tells of no communication: counted by reason (one of few constants), not kept. */
  | { readonly kind: 'skip'; readonly reason: string }
  /** Not usable: kept in `rejects` with the reason. */
  | { readonly kind: 'reject'; readonly reason: string };

/**
 * One log schema: what an already decoded record means. `record` is parsed JSON, a decoded OTLP span or log
 * (`OtlpSpan`, `OtlpLog`), or a line of text. Pure: never throws, keeps nothing, changes nothing.
 */
export interface Schema {
  /** kebab-case; what a route names. */
  readonly name: string;
  readonly summary: string;
  /** Where the fields are specified. */
  readonly source: string;
  /** Whether the record is of this schema, from a few keys: no two schemas recognise the same record. */
  readonly recognises: (record: unknown, hint: Hint) => boolean;
  readonly map: (record: unknown, hint: Hint, context: MapContext) => readonly SchemaOutcome[];
}

/** A decoded OTLP span: attributes as plain values, ids in hex, times in UTC milliseconds (with fractions). */
export interface OtlpSpan {
  readonly otlp: 'span';
  readonly resource: JsonObject;
  readonly scope: string;
  readonly name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly span_kind: number;
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string;
  readonly start_ms: number;
  readonly end_ms: number;
  /** 0 unset, 1 ok, 2 error. */
  readonly status_code: number;
  readonly status_message: string;
  readonly attributes: JsonObject;
}

/** A decoded OTLP log record, in the same manner; `body` is text or any JSON value. */
export interface OtlpLog {
  readonly otlp: 'log';
  readonly resource: JsonObject;
  readonly scope: string;
  readonly event_name: string;
  readonly time_ms: number;
  readonly severity: number;
  readonly body: unknown;
  readonly trace_id: string;
  readonly span_id: string;
  readonly attributes: JsonObject;
}
