import { createHash } from 'node:crypto';
import { attributeNames } from '#shared/attributes.ts';
import type { AmissEvent, Outcome } from '#shared/event.ts';
import { deploymentAt, type SimulatedAgent } from './agent.ts';

/** An event as a client sends it: the collector adds id, space and time of receipt. */
export type NativeEvent = Omit<AmissEvent, 'id' | 'received_at' | 'space'>;

/** One call that is about to become an event. */
export interface Call {
  /** True time, before clock skew. */
  readonly time: number;
  readonly source: SimulatedAgent;
  readonly destination: SimulatedAgent;
  readonly protocol: string;
  readonly action: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly traceId?: string;
  readonly session?: string;
  readonly resources?: readonly string[];
}

/** Who issues the network's tokens, and how it signs them. */
export const issuer = 'https://id.corp.example';
export const tokenAlgorithm = 'RS256';

const hourMs = 3_600_000;
const tokenOverlapMs = 10 * 60_000; // a token outlives its replacement's birth by ten minutes
const certificateExpiresAt = Date.UTC(2039, 0, 1);

/** What the log of the network's proxies would say of a call. */
export function toEvent(call: Call): NativeEvent {
  const { source, destination } = call;
  return {
    time: Math.round(call.time + source.skewMs),
    source: source.id,
    destination: destination.id,
    source_kind: source.kind,
    destination_kind: destination.kind,
    source_zone: source.zone,
    destination_zone: destination.zone,
    source_address: source.address,
    destination_address: destination.address,
    destination_port: ports[call.protocol] ?? 443,
    source_version: deploymentAt(source, call.time).version,
    protocol: call.protocol,
    action: call.action,
    ...(call.resources !== undefined && { resources: [...call.resources] }),
    outcome: call.outcome,
    status: statusOf(call.protocol, call.outcome),
    bytes_out: Math.round(call.bytesOut),
    bytes_in: Math.round(call.bytesIn),
    duration_ms: Math.round(call.durationMs * 1000) / 1000,
    ...identityOf(source, destination, call.time),
    ...(call.traceId !== undefined && { trace_id: call.traceId }),
    ...(call.session !== undefined && { session: call.session }),
    observer: `proxy-${source.id}`,
  };
}

const ports: Readonly<Record<string, number>> = {
  http: 443,
  grpc: 8443,
  tcp: 5432,
  mqtt: 8883,
  mcp: 443,
  a2a: 443,
};

const statuses: Readonly<Record<string, Readonly<Record<Outcome, string>>>> = {
  http: { success: '200', denied: '403', error: '500', timeout: '504', unknown: '0' },
  grpc: {
    success: 'OK',
    denied: 'PERMISSION_DENIED',
    error: 'INTERNAL',
    timeout: 'DEADLINE_EXCEEDED',
    unknown: 'UNKNOWN',
  },
};

function statusOf(protocol: string, outcome: Outcome): string {
  return statuses[protocol]?.[outcome] ?? outcome;
}

/** The SPIFFE id of an agent, or its plain name where it is a person or from outside. */
export function subjectOf(agent: SimulatedAgent): string {
  const isPlain = agent.kind === 'human' || agent.kind === 'external';
  return isPlain ? agent.id : `spiffe://corp.example/${agent.zone}/${agent.id}`;
}

/** How a caller of this kind proves who it is. */
function identityOf(source: SimulatedAgent, destination: SimulatedAgent, time: number): Partial<NativeEvent> {
  const tls = { tls_version: 'TLSv1.3', tls_cipher: 'TLS_AES_128_GCM_SHA256' };
  const isCertified = source.kind === 'service' || source.kind === 'device' || source.kind === 'application';
  const attributes: Record<string, string> = {
    [attributeNames.certificateHash]: stableHash(`certificate ${destination.id}`),
    [attributeNames.certificateExpiresAt]: String(certificateExpiresAt),
  };
  if (destination.kind === 'tool')
    attributes[attributeNames.toolsHash] = stableHash(`tools ${destination.id}`);
  if (destination.kind === 'llm_agent')
    attributes[attributeNames.cardHash] = stableHash(`card ${destination.id}`);
  if (isCertified) {
    attributes[attributeNames.certificateSubject] = subjectOf(source);
    return { ...tls, auth_method: 'mtls', auth_subject: subjectOf(source), mtls: true, attributes };
  }
  return { ...tls, mtls: false, ...tokenOf(source, destination, time, attributes) };
}

/** A bearer token of an hour, renewed before it expires. */
function tokenOf(
  source: SimulatedAgent,
  destination: SimulatedAgent,
  time: number,
  attributes: Record<string, string>,
): Partial<NativeEvent> {
  const issuedAt = Math.floor(time / hourMs) * hourMs - tokenOverlapMs;
  return {
    auth_method: 'bearer',
    auth_subject: subjectOf(source),
    token_id: tokenIdOf(source, destination, time),
    token_issued_at: issuedAt,
    token_expires_at: issuedAt + hourMs + 2 * tokenOverlapMs,
    ...(source.kind === 'human' && { mfa: true }),
    attributes: {
      ...attributes,
      [attributeNames.tokenIssuer]: issuer,
      [attributeNames.tokenAudience]: destination.id,
      [attributeNames.tokenScope]: source.kind === 'llm_agent' ? 'tools:call' : 'api:use',
      [attributeNames.tokenAlgorithm]: tokenAlgorithm,
    },
  };
}

/** The token that a caller shows to a called agent at a time. */
export function tokenIdOf(source: SimulatedAgent, destination: SimulatedAgent, time: number): string {
  return stableHash(`token ${source.id} ${destination.id} ${Math.floor(time / hourMs)}`);
}

/** 32 hexadecimal digits that follow from a text. */
export function stableHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
