import { attributeNames } from '#shared/attributes.ts';
import type { AgentKind, Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, skip, toEvent } from '../facts/draft.ts';
import { httpAction, tlsVersion } from '../facts/http.ts';
import { agentName, kindOf } from '../facts/names.ts';
import { templateSegment } from '../facts/path.ts';
import { portAction } from '../facts/ports.ts';
import {
  at,
  booleanOf,
  countOf,
  isObject,
  type JsonObject,
  listOf,
  numberOf,
  textAt,
} from '../facts/read.ts';
import type { Schema } from './schema.ts';

const networkActivity = 4001;
const httpActivity = 4002;
const apiActivity = 6003;

/** OCSF Network Activity, HTTP Activity and API Activity, of the versions 1.1 and later. */
export const ocsf: Schema = {
  name: 'ocsf',
  summary: 'OCSF Network Activity (4001), HTTP Activity (4002) and API Activity (6003)',
  source: 'https://schema.ocsf.io/',
  recognises: (record) => isObject(record) && typeof record['class_uid'] === 'number',
  map: (record, hint, context) => {
    const fields = record as JsonObject;
    const classUid = fields['class_uid'];
    if (classUid !== networkActivity && classUid !== httpActivity && classUid !== apiActivity)
      return [skip('an OCSF class that is not about a call')];
    const status = countOf(at(fields, 'http_response.code') ?? at(fields, 'http_status'));
    return [
      toEvent(
        {
          time: parseTime(fields['time']),
          ...endsOf(fields, classUid),
          destination_port: countOf(at(fields, 'dst_endpoint.port')),
          protocol: protocolOf(fields, classUid),
          action: actionOf(fields, classUid),
          resources: listOf(fields['resources']).flatMap((resource) => textAt(resource, 'uid', 'name') ?? []),
          outcome: outcomeOf(fields, status),
          status: textAt(fields, 'status_code') ?? (status === undefined ? undefined : String(status)),
          bytes_out: countOf(at(fields, 'traffic.bytes_out')),
          bytes_in: countOf(at(fields, 'traffic.bytes_in')),
          duration_ms: numberOf(fields['duration'] ?? at(fields, 'http_response.latency')),
          auth_subject: textAt(fields, 'actor.user.uid', 'actor.user.name'),
          auth_method: textAt(fields, 'actor.session.credential_uid') === undefined ? undefined : 'token',
          token_id: digested(textAt(fields, 'actor.session.credential_uid'), context.digest),
          mfa: booleanOf(at(fields, 'actor.session.is_mfa')),
          tls_version: tlsVersion(at(fields, 'tls.version')),
          tls_cipher: textAt(fields, 'tls.cipher'),
          trace_id: textAt(fields, 'trace.uid', 'metadata.trace_uid'),
          span_id: textAt(fields, 'trace.span.uid'),
          session: textAt(fields, 'actor.session.uid', 'connection_info.uid'),
          observer: textAt(fields, 'metadata.product.name'),
          clientId: textAt(fields, 'metadata.uid'),
          attributes: attributes({
            [attributeNames.tokenIssuer]: textAt(fields, 'actor.session.issuer'),
            user_agent: textAt(fields, 'http_request.user_agent'),
            server_name: textAt(fields, 'tls.sni'),
            disposition: textAt(fields, 'disposition'),
            ai_model: textAt(fields, 'ai_model.name'),
          }),
        },
        hint,
        context,
      ),
    ];
  },
};

function endsOf(fields: JsonObject, classUid: number) {
  const agent = textAt(fields, 'ai_agent.name', 'ai_agent.uid');
  const caller = agent ?? endpointName(fields, 'src_endpoint', classUid === apiActivity);
  const service = textAt(fields, 'api.service.name');
  const called =
    (classUid === apiActivity ? service : undefined) ??
    endpointName(fields, 'dst_endpoint', false) ??
    textAt(fields, 'http_request.url.hostname', 'api.service.uid');
  return {
    source: caller === undefined ? undefined : agentName(caller),
    destination: called === undefined ? undefined : agentName(called),
    source_kind:
      agent === undefined
        ? kindOf(textAt(fields, 'src_endpoint.svc_name'), 'service')
        : ('llm_agent' as AgentKind),
    destination_kind: kindOf(service ?? textAt(fields, 'dst_endpoint.svc_name'), 'service'),
    source_address: textAt(fields, 'src_endpoint.ip'),
    destination_address: textAt(fields, 'dst_endpoint.ip'),
    source_zone: textAt(fields, 'src_endpoint.zone'),
    destination_zone: textAt(fields, 'dst_endpoint.zone'),
  };
}

/** Of an API call the actor says more about who calls than the machine it came from. */
function endpointName(fields: JsonObject, end: string, isActorFirst: boolean): string | undefined {
  const actor = textAt(fields, 'actor.app_name', 'actor.user.name', 'actor.user.uid', 'actor.invoked_by');
  const name = textAt(
    fields,
    `${end}.svc_name`,
    `${end}.name`,
    `${end}.hostname`,
    `${end}.domain`,
    `${end}.uid`,
  );
  const first = isActorFirst ? (actor ?? name) : name;
  return first ?? textAt(fields, `${end}.ip`) ?? (end === 'src_endpoint' ? actor : undefined);
}

function protocolOf(fields: JsonObject, classUid: number): string {
  if (classUid === httpActivity) return 'http';
  return (
    textAt(fields, 'app_name', 'connection_info.protocol_name')?.toLowerCase() ??
    (classUid === apiActivity ? 'api' : 'ip')
  );
}

function actionOf(fields: JsonObject, classUid: number): string | undefined {
  if (classUid === apiActivity) return operationOf(fields);
  if (classUid === httpActivity)
    return httpAction(
      textAt(fields, 'http_request.http_method'),
      textAt(fields, 'http_request.url.path', 'http_request.url.url_string'),
    );
  return portAction(
    textAt(fields, 'connection_info.protocol_name')?.toLowerCase() ?? 'ip',
    countOf(at(fields, 'dst_endpoint.port')),
  );
}

/** `s3.amazonaws.com GetObject`, or the activity's own name. */
function operationOf(fields: JsonObject): string | undefined {
  const operation = textAt(fields, 'api.operation', 'activity_name');
  return operation === undefined ? undefined : operation.split('/').map(templateSegment).join('/');
}

const deniedDispositions = new Set([2, 26]); // Blocked, Unauthorized
const networkOutcomes: Readonly<Record<number, Outcome>> = { 3: 'error', 4: 'error', 5: 'denied' };

function outcomeOf(fields: JsonObject, status: number | undefined): Outcome {
  const disposition = countOf(fields['disposition_id']);
  if (disposition !== undefined && deniedDispositions.has(disposition)) return 'denied';
  if (status !== undefined) return httpOutcome(status);
  const failed =
    fields['class_uid'] === networkActivity
      ? networkOutcomes[countOf(fields['activity_id']) ?? 0]
      : undefined;
  if (failed !== undefined) return failed;
  const statusId = countOf(fields['status_id']);
  if (statusId === 1) return 'success';
  if (statusId !== 2) return 'unknown';
  return /denied|unauthori[sz]ed|forbidden/i.test(
    textAt(fields, 'status_code', 'status_detail', 'api.response.error') ?? '',
  )
    ? 'denied'
    : 'error';
}

function digested(value: string | undefined, digest: (value: string) => string): string | undefined {
  return value === undefined ? undefined : digest(value);
}
