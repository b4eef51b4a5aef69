import { type Static, Type } from 'typebox';

export const agentKinds = [
  'service',
  'application',
  'device',
  'llm_agent',
  'tool',
  'human',
  'external',
  'unknown',
] as const;
export type AgentKind = (typeof agentKinds)[number];

export const outcomes = ['success', 'denied', 'error', 'timeout', 'unknown'] as const;
export type Outcome = (typeof outcomes)[number];

/** Limits of one event; a record beyond them is rejected with a reason that names the field. */
export const eventLimits = {
  /** Characters of an agent id, an action, a resource or any other short text. */
  textCharactersMax: 512,
  resourcesMax: 8,
  attributesMax: 64,
  attributeCharactersMax: 2048,
} as const;

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: eventLimits.textCharactersMax, description });
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
// 9999-12-31: beyond it no calendar date of ours can print.
const time = (description: string) => Type.Integer({ minimum: 0, maximum: 253402300799999, description });
const optional = Type.Optional;

/**
 * One communication of one agent with another, as it lies in the log and in the store: the keys are exactly the
 * columns of the `events` table. What is not known is absent, never 0 or "". Times are UTC milliseconds.
 */
export const eventSchema = Type.Object(
  {
    id: text('UUIDv7, or a UUIDv8 made of source and client id: the key that makes a retry harmless'),
    time: time('When it happened'),
    received_at: time('When the collector got it'),
    space: text('Tenant'),
    source: text('The agent that calls'),
    destination: text('The agent that is called'),
    source_kind: optional(Type.Enum([...agentKinds])),
    destination_kind: optional(Type.Enum([...agentKinds])),
    source_zone: optional(text('Segment of the caller')),
    destination_zone: optional(text('Segment of the called')),
    source_address: optional(text('Network address of the caller')),
    destination_address: optional(text('Network address of the called')),
    destination_port: optional(Type.Integer({ minimum: 0, maximum: 65535 })),
    source_version: optional(text("Version of the caller's software")),
    protocol: optional(text('http, grpc, a2a, mcp, kafka, tcp, ...')),
    action: optional(text('Low-cardinality verb: `POST /orders/{id}`, `tools/call:search`')),
    resources: optional(
      Type.Array(text('Whom or what the action touches'), { maxItems: eventLimits.resourcesMax }),
    ),
    outcome: optional(Type.Enum([...outcomes])),
    status: optional(text("The protocol's own code")),
    bytes_out: optional(count('Source to destination')),
    bytes_in: optional(count('Destination to source')),
    duration_ms: optional(Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    auth_method: optional(text('How the caller proved who it is')),
    auth_subject: optional(text('Whom it proved to be')),
    token_id: optional(text("HMAC of the token with the deployment's key, never the token")),
    token_issued_at: optional(time('When the token was issued')),
    token_expires_at: optional(time('When the token expires')),
    mfa: optional(Type.Boolean()),
    tls_version: optional(text('TLSv1.3, ...; `none` where the call is known to be plaintext')),
    tls_cipher: optional(text('Cipher suite')),
    mtls: optional(Type.Boolean()),
    trace_id: optional(text('Trace')),
    span_id: optional(text('Span')),
    session: optional(text('Session or conversation')),
    observer: optional(text('Who saw it')),
    shipper: optional(text('Which authenticated shipper told us')),
    attributes: optional(
      Type.Record(Type.String(), Type.String({ maxLength: eventLimits.attributeCharactersMax })),
    ),
  },
  { additionalProperties: false, $id: 'Event' },
);

export type AmissEvent = Static<typeof eventSchema>;

/** The names of an event's fields, in the order of the schema and of the table's columns. */
export const eventFields = Object.keys(eventSchema.properties) as readonly (keyof AmissEvent)[];
