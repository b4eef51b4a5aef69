import { attributeNames } from '#shared/attributes.ts';
import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, toEvent } from '../facts/draft.ts';
import { httpAction, tlsVersion } from '../facts/http.ts';
import { agentName, kindOf } from '../facts/names.ts';
import { at, booleanOf, countOf, isObject, type JsonObject, numberOf, textAt } from '../facts/read.ts';
import type { Schema } from './schema.ts';

const namedBy = ['address', 'domain', 'ip'] as const;
const nanosecondsPerMillisecond = 1e6;

/**
 * Elastic Common Schema, nested or with dotted keys. `agent.*` there is the log shipper, never our agent. `service.*`
 * is who logged: the caller of what goes out, else the called.
 */
export const ecs: Schema = {
  name: 'ecs',
  summary: 'Elastic Common Schema events of network, web and authentication data',
  source: 'https://www.elastic.co/docs/reference/ecs/ecs-field-reference',
  recognises: (record) =>
    isObject(record) &&
    '@timestamp' in record &&
    ('ecs' in record ||
      'ecs.version' in record ||
      isObject(record['source']) ||
      isObject(record['destination']) ||
      'source.ip' in record ||
      'source.address' in record ||
      'destination.ip' in record ||
      'destination.address' in record),
  map: (record, hint, context) => {
    const fields = record as JsonObject;
    const ends = endsOf(fields);
    const durationNs = numberOf(at(fields, 'event.duration'));
    const status = countOf(at(fields, 'http.response.status_code'));
    return [
      toEvent(
        {
          time: parseTime(at(fields, 'event.start')) ?? parseTime(fields['@timestamp']),
          ...ends,
          source_address: textAt(fields, 'source.ip', 'client.ip'),
          destination_address: textAt(fields, 'destination.ip', 'server.ip'),
          destination_port: countOf(at(fields, 'destination.port') ?? at(fields, 'server.port')),
          protocol: textAt(fields, 'network.protocol', 'network.application', 'network.transport'),
          action: actionOf(fields),
          outcome: outcomeOf(fields, status),
          status: status === undefined ? textAt(fields, 'event.code') : String(status),
          bytes_out: countOf(
            at(fields, 'source.bytes') ?? at(fields, 'client.bytes') ?? at(fields, 'http.request.bytes'),
          ),
          bytes_in: countOf(
            at(fields, 'destination.bytes') ??
              at(fields, 'server.bytes') ??
              at(fields, 'http.response.bytes'),
          ),
          duration_ms: durationNs === undefined ? undefined : durationNs / nanosecondsPerMillisecond,
          auth_subject: textAt(fields, 'user.name', 'client.user.name', 'source.user.name'),
          tls_version: tlsVersion(at(fields, 'tls.version')),
          tls_cipher: textAt(fields, 'tls.cipher'),
          mtls: textAt(fields, 'tls.client.subject') === undefined ? undefined : true,
          trace_id: textAt(fields, 'trace.id'),
          span_id: textAt(fields, 'span.id', 'transaction.id'),
          session: textAt(fields, 'session.id'),
          observer: textAt(fields, 'observer.name', 'observer.hostname', 'host.name'),
          clientId: textAt(fields, 'event.id'),
          attributes: attributes({
            dataset: textAt(fields, 'event.dataset'),
            user_agent: textAt(fields, 'user_agent.original'),
            server_name: textAt(fields, 'tls.client.server_name'),
            tls_established: booleanOf(at(fields, 'tls.established')),
            [attributeNames.certificateSubject]: textAt(fields, 'tls.client.subject'),
            [attributeNames.certificateHash]: textAt(fields, 'tls.server.hash.sha256'),
            [attributeNames.certificateExpiresAt]: parseTime(at(fields, 'tls.server.not_after')),
          }),
        },
        hint,
        context,
      ),
    ];
  },
};

function endsOf(fields: JsonObject) {
  const service = textAt(fields, 'service.name');
  const isOutgoing = /^(?:egress|outbound)$/.test(textAt(fields, 'network.direction') ?? '');
  const caller =
    textAt(fields, 'source.service.name', 'client.service.name') ?? (isOutgoing ? service : undefined);
  const called =
    textAt(fields, 'destination.service.name', 'service.target.name') ?? (isOutgoing ? undefined : service);
  const source = caller ?? endName(fields, 'source') ?? endName(fields, 'client');
  const destination =
    called ?? endName(fields, 'destination') ?? endName(fields, 'server') ?? textAt(fields, 'url.domain');
  return {
    source: source === undefined ? undefined : agentName(source),
    destination: destination === undefined ? undefined : agentName(destination),
    source_kind: kindOf(caller, 'service'),
    destination_kind: kindOf(called, 'service'),
    source_version: isOutgoing ? textAt(fields, 'service.version') : undefined,
  };
}

function endName(fields: JsonObject, end: string): string | undefined {
  return textAt(fields, ...namedBy.map((name) => `${end}.${name}`));
}

function actionOf(fields: JsonObject): string | undefined {
  const method = textAt(fields, 'http.request.method');
  const path = textAt(fields, 'url.path', 'url.original', 'url.full');
  if (method !== undefined) return httpAction(method, path);
  return textAt(fields, 'event.action') ?? textAt(fields, 'network.protocol', 'network.transport');
}

function outcomeOf(fields: JsonObject, status: number | undefined): Outcome {
  const type = at(fields, 'event.type');
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('denied')) return 'denied';
  if (status !== undefined) return httpOutcome(status);
  const outcome = textAt(fields, 'event.outcome');
  if (outcome === 'success' || outcome === 'failure')
    return outcome === 'success' ? 'success' : failureOf(fields);
  return types.includes('allowed') ? 'success' : 'unknown';
}

/** A failed authentication is a denial, any other failure an error. */
function failureOf(fields: JsonObject): Outcome {
  const category = at(fields, 'event.category');
  const categories = Array.isArray(category) ? category : [category];
  return categories.includes('authentication') ? 'denied' : 'error';
}
