import { attributeNames } from '#shared/attributes.ts';
import type { Outcome } from '#shared/event.ts';
import { parseTime } from '../event-time.ts';
import { attributes, type Found, httpOutcome, skip, toEvent } from '../facts/draft.ts';
import { httpAction, tlsVersion } from '../facts/http.ts';
import { portAction } from '../facts/ports.ts';
import { booleanOf, countOf, isObject, type JsonObject, listOf, numberOf, textOf } from '../facts/read.ts';
import type { Schema } from './schema.ts';

type Part = 'connection' | 'handshake' | 'request';

/**
 * Zeek's conn, ssl and http logs as JSON, or as TSV that the line parser has turned into objects. All lines of one
 * connection carry its `uid`, by which `fold.ts` joins them.
 */
export const zeek: Schema = {
  name: 'zeek',
  summary: "Zeek's conn, ssl and http logs, JSON or TSV, joined by uid",
  source: 'https://docs.zeek.org/en/master/logs/conn.html',
  recognises: (record) =>
    isObject(record) && ('id.orig_h' in record || isObject(record['id'])) && 'uid' in record,
  map: (record, hint, context) => {
    const fields = withIds(record as JsonObject);
    const part = partOf(fields, hint.stream);
    if (part === undefined) return [skip('a Zeek log other than conn, ssl and http')];
    const uid = textOf(fields['uid']);
    const source = textOf(fields['id.orig_h']);
    const destination = textOf(fields['id.resp_h']);
    const found: Found = {
      time: parseTime(fields['ts']),
      source,
      destination,
      source_address: source,
      destination_address: destination,
      destination_port: countOf(fields['id.resp_p']),
      session: uid,
      observer: textOf(fields['_system_name']) ?? hint.host ?? 'zeek',
      // A connection has one conn and one ssl line, but many http lines.
      clientId: uid === undefined ? undefined : clientIdOf(part, uid, fields),
      sighting: uid === undefined ? undefined : { call: `zeek ${uid}`, part },
      ...readers[part](fields),
    };
    return [toEvent(found, hint, context)];
  },
};

/** `{"id":{"orig_h":…}}` as some shippers nest it, under the flat names. */
function withIds(record: JsonObject): JsonObject {
  if (!isObject(record['id'])) return record;
  const flat: Record<string, unknown> = { ...record };
  for (const [name, value] of Object.entries(record['id'])) flat[`id.${name}`] = value;
  return flat;
}

/** By the log's own name where it is told, else by a field that only this log has. */
function partOf(fields: JsonObject, stream: string | undefined): Part | undefined {
  const name = /(?:^|[./_-])(conn|ssl|http)(?:$|[./_-])/.exec(textOf(fields['_path']) ?? stream ?? '')?.[1];
  if (name !== undefined) return name === 'conn' ? 'connection' : name === 'ssl' ? 'handshake' : 'request';
  if ('conn_state' in fields) return 'connection';
  if ('method' in fields && 'status_code' in fields) return 'request';
  return 'established' in fields ? 'handshake' : undefined;
}

function clientIdOf(part: Part, uid: string, fields: JsonObject): string {
  return part === 'request'
    ? `${uid}/http/${textOf(fields['trans_depth']) ?? textOf(fields['ts'])}`
    : `${uid}/${part}`;
}

const readers: Readonly<Record<Part, (fields: JsonObject) => Found>> = {
  connection: (fields) => {
    const seconds = numberOf(fields['duration']);
    const protocol = textOf(fields['proto']) ?? 'ip';
    const service = textOf(fields['service']);
    return {
      protocol: service?.split(',').at(-1) ?? protocol,
      action:
        service === undefined ? portAction(protocol, countOf(fields['id.resp_p'])) : `${protocol}/${service}`,
      outcome: connectionOutcome(textOf(fields['conn_state'])),
      status: textOf(fields['conn_state']),
      tls_version: service === 'http' ? 'none' : undefined,
      bytes_out: countOf(fields['orig_bytes']),
      bytes_in: countOf(fields['resp_bytes']),
      duration_ms: seconds === undefined ? undefined : seconds * 1000,
      attributes: attributes({ history: fields['history'], missed_bytes: fields['missed_bytes'] }),
    };
  },
  handshake: (fields) => {
    const isEstablished = booleanOf(fields['established']);
    const fingerprints = fields['client_cert_chain_fps'] ?? fields['client_cert_chain_fuids'];
    const hasClientCertificate = listOf(fingerprints).length > 0;
    const subject = textOf(fields['client_subject']);
    const version = tlsVersion(fields['version']);
    return {
      protocol: 'tls',
      action: 'tls handshake',
      outcome: isEstablished === undefined ? 'unknown' : isEstablished ? 'success' : 'error',
      status: textOf(fields['last_alert']),
      tls_version: version,
      tls_cipher: textOf(fields['cipher']),
      // TLS 1.3 encrypts the client's certificate: that none is seen says nothing there.
      mtls: hasClientCertificate ? true : isEstablished === true && version !== 'TLSv1.3' ? false : undefined,
      auth_method: hasClientCertificate ? 'mtls' : undefined,
      auth_subject: subject,
      attributes: attributes({
        server_name: fields['server_name'],
        [attributeNames.certificateSubject]: subject,
        [attributeNames.certificateHash]: listOf(fields['cert_chain_fps'])[0],
        server_certificate_subject: fields['subject'],
        server_certificate_issuer: fields['issuer'],
        server_certificate_validation: fields['validation_status'],
        ja3: fields['ja3'],
        ja4: fields['ja4'],
      }),
    };
  },
  request: (fields) => {
    const status = countOf(fields['status_code']);
    const user = textOf(fields['username']);
    return {
      protocol: 'http',
      tls_version: 'none', // Zeek reads only what is not encrypted
      action: httpAction(textOf(fields['method']), textOf(fields['uri'])),
      outcome: httpOutcome(status),
      status: textOf(status),
      bytes_out: countOf(fields['request_body_len']),
      bytes_in: countOf(fields['response_body_len']),
      auth_method: user === undefined ? undefined : 'basic',
      auth_subject: user,
      attributes: attributes({
        host: fields['host'],
        user_agent: fields['user_agent'],
        mime_type: listOf(fields['resp_mime_types'])[0],
      }),
    };
  },
};

// A map: a plain object would answer for `toString` too.
const connectionOutcomes: ReadonlyMap<string, Outcome> = new Map([
  ['SF', 'success'],
  ['S1', 'success'],
  ['S2', 'success'],
  ['S3', 'success'],
  ['REJ', 'denied'],
  ['RSTOS0', 'denied'],
  ['S0', 'timeout'],
  ['SH', 'timeout'],
  ['SHR', 'timeout'],
  ['RSTO', 'error'],
  ['RSTR', 'error'],
  ['RSTRH', 'error'],
]);

function connectionOutcome(state: string | undefined): Outcome {
  return (state === undefined ? undefined : connectionOutcomes.get(state)) ?? 'unknown';
}
