import { attributeNames } from '#shared/attributes.ts';
import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, reject, toEvent } from '../facts/draft.ts';
import { isEnvoyLine, parseEnvoyLine } from '../facts/envoy-text.ts';
import { httpAction, tlsVersion } from '../facts/http.ts';
import { agentName, hostOf, isAddress, loggingWorkload, splitAddress } from '../facts/names.ts';
import { portAction } from '../facts/ports.ts';
import { countOf, isObject, type JsonObject, numberOf, textAt, textOf } from '../facts/read.ts';
import { readCredential } from '../facts/token.ts';
import type { Hint, MapContext, Schema, SchemaOutcome, Sighting } from './schema.ts';

/** Keys that only Envoy's operators give, in Istio's naming; a format of one's own has at least one of them. */
const ownKeys = ['upstream_cluster', 'response_flags', 'downstream_remote_address', 'upstream_local_address'];
const clusterForm = /^(inbound|outbound)\|(\d*)\|([^|]*)\|(.*)$/;

/**
 * Envoy and Istio access logs: JSON in Istio's naming, and the default text formats of both. The default fields hold
 * neither identity nor TLS: docs/shippers/envoy.md has the Telemetry resource that adds them.
 */
export const envoy: Schema = {
  name: 'envoy',
  summary: 'Envoy and Istio access logs, JSON or default text format',
  source: 'https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage',
  recognises: (record) =>
    typeof record === 'string'
      ? isEnvoyLine(record)
      : isObject(record) && ownKeys.some((key) => typeof record[key] === 'string'),
  map: (record, hint, context) => {
    if (typeof record !== 'string') return [mapFields(record as JsonObject, hint, context)];
    const fields = parseEnvoyLine(record);
    return [
      fields === undefined
        ? reject(
            "the line is neither Envoy's nor Istio's default format: log JSON, or name the fields in a mapping",
          )
        : mapFields(fields, hint, context),
    ];
  },
};

function mapFields(fields: JsonObject, hint: Hint, context: MapContext): SchemaOutcome {
  const ends = endsOf(fields, hint);
  const method = textOf(fields['method']);
  const path = textAt(fields, 'path', 'x_envoy_original_path');
  const protocol = textOf(fields['protocol']);
  const isGrpc = textAt(fields, 'content_type')?.startsWith('application/grpc') === true;
  const credential = readCredential(fields['authorization'], context.digest);
  const certificate = textAt(fields, 'downstream_peer_uri_san', 'downstream_peer_subject');
  return toEvent(
    {
      time: parseTime(fields['start_time']),
      ...ends.named,
      protocol: method === undefined ? 'tcp' : isGrpc ? 'grpc' : 'http',
      action:
        method === undefined ? portAction('tcp', ends.named.destination_port) : httpAction(method, path),
      outcome: outcomeOf(fields),
      status: method === undefined ? textOf(fields['response_flags']) : textOf(fields['response_code']),
      bytes_out: countOf(fields['bytes_received']),
      bytes_in: countOf(fields['bytes_sent']),
      duration_ms: numberOf(fields['duration']),
      ...credential.fields,
      ...(certificate === undefined ? {} : { auth_method: 'mtls', auth_subject: certificate, mtls: true }),
      tls_version: tlsOf(fields, ends.direction),
      tls_cipher: textOf(fields['downstream_tls_cipher']),
      trace_id: traceIdOf(fields),
      session: textOf(fields['session_id']),
      observer: loggingWorkload(fields) ?? hint.workload ?? hint.host ?? 'envoy',
      sighting: sightingOf(fields, ends.direction, method),
      attributes: attributes({
        ...credential.attributes,
        [attributeNames.certificateSubject]: certificate,
        http_version: protocol,
        response_flags: fields['response_flags'],
        response_code_details: fields['response_code_details'],
        route: fields['route_name'],
        user_agent: fields['user_agent'],
        request_id: fields['request_id'],
        server_name: fields['requested_server_name'],
        transport_failure: fields['upstream_transport_failure_reason'],
        forwarded_for: fields['x_forwarded_for'],
      }),
    },
    hint,
    context,
  );
}

/** An outbound sidecar stands beside the caller, an inbound one beside the called, a gateway beside neither. */
function endsOf(fields: JsonObject, hint: Hint) {
  const cluster = clusterForm.exec(textOf(fields['upstream_cluster']) ?? '');
  const direction = cluster?.[1];
  const workload = loggingWorkload(fields) ?? hint.workload;
  const caller = splitAddress(textOf(fields['downstream_remote_address']));
  const upstream = splitAddress(textOf(fields['upstream_host']));
  const peer = textOf(fields['downstream_peer_uri_san']);
  const isOutbound = direction === 'outbound';
  // Envoy's own text format names no caller: the first of those that forwarded the request is the best it knows.
  const forwarded = textOf(fields['x_forwarded_for'])?.split(',', 1)[0]?.trim();
  const source = peer ?? (isOutbound ? workload : undefined) ?? caller.address ?? forwarded ?? hint.host;
  const called =
    textOf(fields['upstream_peer_uri_san']) ??
    (cluster?.[4] || undefined) ??
    (direction === 'inbound' ? (workload ?? hint.host) : undefined) ??
    hostOf(textOf(fields['authority'])) ??
    plainCluster(fields, cluster !== null) ??
    upstream.address;
  return {
    direction,
    named: {
      source: source === undefined ? undefined : agentName(source),
      destination: called === undefined ? undefined : agentName(called),
      source_kind: source === undefined || isAddress(source) ? undefined : ('service' as const),
      destination_kind: called === undefined || isAddress(called) ? undefined : ('service' as const),
      source_address: caller.address,
      destination_address: upstream.address,
      destination_port: cluster?.[2] ? Number(cluster[2]) : upstream.port,
    },
  };
}

/**
 * How the caller's connection was encrypted; known to be plaintext where the log has the field and no value for it.
 * Between a workload and its own outbound sidecar it always is, which says nothing about the call.
 */
function tlsOf(fields: JsonObject, direction: string | undefined): string | undefined {
  if (direction === 'outbound') return tlsVersion(fields['upstream_tls_version']);
  const version = tlsVersion(fields['downstream_tls_version']);
  return version ?? ('downstream_tls_version' in fields ? 'none' : undefined);
}

/** Outside Istio a cluster's name is whatever the operator called it. */
function plainCluster(fields: JsonObject, isIstio: boolean): string | undefined {
  const name = textOf(fields['upstream_cluster']);
  return isIstio || name === undefined || /Cluster$/.test(name) ? undefined : name;
}

/** The request id stays the same along the whole chain of calls, so the called host and path join it. */
function sightingOf(
  fields: JsonObject,
  direction: string | undefined,
  method: string | undefined,
): Sighting | undefined {
  const id = textOf(fields['request_id']);
  if (id === undefined || direction === undefined) return undefined;
  const call = `envoy ${id} ${textOf(fields['authority'])} ${method} ${textOf(fields['path'])}`;
  return { call, part: direction === 'outbound' ? 'source' : 'destination' };
}

const deniedFlags = new Set(['UAEX', 'RL', 'RLSE']);
const timeoutFlags = new Set(['UT', 'SI', 'DT', 'UPE_TIMEOUT']);
const errorFlags = new Set([
  'UF',
  'UH',
  'UC',
  'NR',
  'URX',
  'NC',
  'UO',
  'LH',
  'LR',
  'UR',
  'DPE',
  'UPE',
  'NFCF',
  'DF',
  'OM',
]);

function outcomeOf(fields: JsonObject): Outcome {
  const flags = (textOf(fields['response_flags']) ?? '').split(',');
  const details = textOf(fields['response_code_details']) ?? '';
  const closing = textOf(fields['connection_termination_details']) ?? '';
  const isRbac = details.startsWith('rbac_access_denied') || closing.startsWith('rbac_access_denied');
  if (isRbac || flags.some((flag) => deniedFlags.has(flag))) return 'denied';
  if (flags.some((flag) => timeoutFlags.has(flag))) return 'timeout';
  if (flags.some((flag) => errorFlags.has(flag))) return 'error';
  const status = countOf(fields['response_code']);
  // Envoy writes 0 where there was no HTTP response: plain TCP, or the caller hung up (flag DC).
  if (status === undefined || status === 0) return flags.includes('DC') ? 'error' : 'success';
  const grpc = textOf(fields['grpc_status']);
  if (grpc === 'PermissionDenied' || grpc === 'Unauthenticated') return 'denied';
  return grpc !== undefined && grpc !== 'OK' ? 'error' : httpOutcome(status);
}

function traceIdOf(fields: JsonObject): string | undefined {
  const parent = textOf(fields['traceparent']);
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(parent ?? '');
  return match?.[1] ?? textAt(fields, 'trace_id', 'x_b3_traceid');
}
