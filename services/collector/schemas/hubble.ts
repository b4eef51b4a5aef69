import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, skip, toEvent } from '../facts/draft.ts';
import { httpAction } from '../facts/http.ts';
import { withoutPodHash, workloadName } from '../facts/names.ts';
import { portAction } from '../facts/ports.ts';
import {
  booleanOf,
  countOf,
  isObject,
  type JsonObject,
  listOf,
  numberOf,
  objectOf,
  textAt,
  textOf,
} from '../facts/read.ts';
import type { Hint, MapContext, Schema, SchemaOutcome, Sighting } from './schema.ts';

const nanosecondsPerMillisecond = 1e6;

/**
 * Cilium Hubble flows as `hubble observe -o jsonpb` and the export file write them. Flows tell of packets: of a TCP
 * connection its first counts, of an HTTP exchange its response, and of either whatever was dropped.
 */
export const hubble: Schema = {
  name: 'hubble',
  summary: 'Cilium Hubble flows, L3/L4 and L7',
  source: 'https://github.com/cilium/cilium/blob/main/api/v1/flow/flow.proto',
  recognises: (record) =>
    isObject(record) &&
    (isObject(record['flow']) ||
      (typeof record['verdict'] === 'string' && (isObject(record['IP']) || isObject(record['l4'])))),
  map: (record, hint, context) => {
    const outer = record as JsonObject;
    const flow = isObject(outer['flow']) ? outer['flow'] : outer;
    if (isObject(outer['lost_events']) || flow['verdict'] === undefined) return [skip('not a flow')];
    const node = textOf(flow['node_name']) ?? textOf(outer['node_name']);
    return [mapFlow(flow, textOf(flow['time']) ?? textOf(outer['time']), { ...hint, host: node }, context)];
  },
};

function mapFlow(
  flow: JsonObject,
  time: string | undefined,
  hint: { readonly host: string | undefined },
  context: MapContext,
): SchemaOutcome {
  const l7 = objectOf(flow['l7']);
  const isReply = booleanOf(flow['is_reply']) === true;
  const reason = skipReason(flow, l7, isReply);
  if (reason !== undefined) return skip(reason);
  // A reply flows from the called to the caller.
  const [callerKey, calledKey] = isReply ? ['destination', 'source'] : ['source', 'destination'];
  const caller = endOf(flow, callerKey);
  const called = endOf(flow, calledKey);
  const { protocol, ports } = transportOf(flow);
  const port = isReply ? ports.source : ports.destination;
  const http = objectOf(l7['http']);
  const method = textOf(http['method']);
  const dropReason = textOf(flow['drop_reason_desc']);
  const latencyNs = numberOf(l7['latency_ns']);
  const encrypted = booleanOf(objectOf(flow['IP'])['encrypted']);
  const isMutual = textOf(flow['auth_type']) === 'SPIRE';
  const { host, ...rest } = hint;
  return toEvent(
    {
      time: parseTime(time),
      source: caller.name,
      destination: called.name,
      source_kind: caller.kind,
      destination_kind: called.kind,
      source_address: caller.address,
      destination_address: called.address,
      destination_port: port,
      protocol:
        method !== undefined
          ? 'http'
          : isObject(l7['dns'])
            ? 'dns'
            : isObject(l7['kafka'])
              ? 'kafka'
              : protocol,
      action: actionOf(l7, method) ?? portAction(protocol, port),
      resources: isObject(l7['dns']) ? [textOf(l7['dns']['query'])?.replace(/\.$/, '') ?? ''] : undefined,
      outcome: outcomeOf(flow, countOf(http['code'])),
      status: textOf(countOf(http['code'])) ?? dropReason ?? textOf(flow['verdict']),
      duration_ms:
        latencyNs === undefined || latencyNs === 0 ? undefined : latencyNs / nanosecondsPerMillisecond,
      auth_method: isMutual ? 'mtls' : undefined,
      mtls: isMutual ? true : undefined,
      trace_id: textAt(flow, 'trace_context.parent.trace_id'),
      observer: host,
      clientId: textOf(flow['uuid']),
      sighting: sightingOf(flow, protocol, caller, called, ports),
      attributes: attributes({
        verdict: flow['verdict'],
        drop_reason: dropReason,
        encrypted: encrypted === true ? true : undefined,
        direction: flow['traffic_direction'],
        source_identity: objectOf(flow[callerKey])['identity'],
        destination_identity: objectOf(flow[calledKey])['identity'],
      }),
    },
    rest as Hint,
    context,
  );
}

function skipReason(flow: JsonObject, l7: JsonObject, isReply: boolean): string | undefined {
  const isForwarded = textOf(flow['verdict']) === 'FORWARDED';
  if (textOf(l7['type']) === 'REQUEST' && isForwarded) return 'an L7 request: its response follows';
  if (textOf(l7['type']) !== undefined) return undefined;
  if (isReply) return 'a reply packet';
  const flags = objectOf(objectOf(objectOf(flow['l4'])['TCP'])['flags']);
  const isLater = Object.keys(flags).length > 0 && flags['SYN'] !== true;
  return isForwarded && isLater ? 'not the first packet of its connection' : undefined;
}

function endOf(flow: JsonObject, key: string) {
  const end = objectOf(flow[key]);
  const labels = listOf(end['labels']).filter((label) => typeof label === 'string');
  const labelled = labels
    .find((label) => /^k8s:(?:app|app\.kubernetes\.io\/name|k8s-app)=/.test(label))
    ?.split('=')[1];
  const workload = textOf(objectOf(listOf(end['workloads'])[0])['name']) ?? labelled ?? podOf(end);
  const reserved = labels.find((label) => label.startsWith('reserved:'));
  const name = textOf(listOf(flow[`${key}_names`])[0]);
  const address = textOf(objectOf(flow['IP'])[key]);
  const isWorld = reserved?.startsWith('reserved:world') === true;
  return {
    // A name from DNS says more than "the world", and the address more than nothing.
    name:
      workloadName(textOf(end['namespace']), workload) ?? name ?? (isWorld ? address : reserved) ?? address,
    address,
    kind: workload !== undefined ? ('service' as const) : isWorld ? ('external' as const) : undefined,
  };
}

function podOf(end: JsonObject): string | undefined {
  const pod = textOf(end['pod_name']);
  return pod === undefined ? undefined : withoutPodHash(pod);
}

function transportOf(flow: JsonObject) {
  for (const [name, header] of Object.entries(objectOf(flow['l4']))) {
    const { source_port, destination_port } = objectOf(header);
    return {
      protocol: name.toLowerCase(),
      ports: { source: countOf(source_port), destination: countOf(destination_port) },
    };
  }
  return { protocol: 'ip', ports: { source: undefined, destination: undefined } };
}

function actionOf(l7: JsonObject, method: string | undefined): string | undefined {
  if (method !== undefined) return httpAction(method, textOf(objectOf(l7['http'])['url']));
  if (isObject(l7['dns'])) return `dns query ${listOf(l7['dns']['qtypes']).map(textOf).join(',')}`.trim();
  const kafka = objectOf(l7['kafka']);
  return textOf(kafka['api_key']) === undefined ? undefined : `kafka ${textOf(kafka['api_key'])}`;
}

function outcomeOf(flow: JsonObject, code: number | undefined): Outcome {
  switch (textOf(flow['verdict'])) {
    case 'DROPPED':
      return /^(?:POLICY_DENIED|POLICY_DENY|AUTH_REQUIRED)$/.test(
        textOf(flow['drop_reason_desc']) ?? 'POLICY_DENIED',
      )
        ? 'denied'
        : 'error';
    case 'ERROR':
      return 'error';
    case 'FORWARDED':
    case 'REDIRECTED':
    case 'TRACED':
    case 'TRANSLATED':
    case 'AUDIT':
      return code === undefined || code === 0 ? 'success' : httpOutcome(code);
    default:
      return 'unknown';
  }
}

/** The same packet is seen leaving one node and entering the other. */
function sightingOf(
  flow: JsonObject,
  protocol: string,
  caller: { readonly address: string | undefined },
  called: { readonly address: string | undefined },
  ports: { readonly source: number | undefined; readonly destination: number | undefined },
): Sighting | undefined {
  const direction = textOf(flow['traffic_direction']);
  const isL7 = isObject(flow['l7']);
  if (isL7 || ports.source === undefined || caller.address === undefined) return undefined;
  if (direction !== 'EGRESS' && direction !== 'INGRESS') return undefined;
  return {
    call: `hubble ${protocol} ${caller.address}:${ports.source} ${called.address}:${ports.destination}`,
    part: direction === 'EGRESS' ? 'source' : 'destination',
  };
}
