import { parseTime } from '../event-time.ts';
import { attributes, httpOutcome, skip, toEvent } from '../facts/draft.ts';
import { httpAction } from '../facts/http.ts';
import { agentName, hostOf, loggingWorkload } from '../facts/names.ts';
import { at, countOf, isObject, type JsonObject, numberOf, objectOf, textAt, textOf } from '../facts/read.ts';
import { readCredential } from '../facts/token.ts';
import type { Schema } from './schema.ts';

/**
 * Request logs of Node services by pino-http and express-winston, which log `req` and `res` in one line. The logging
 * service is the called one.
 */
export const httpLog: Schema = {
  name: 'http-log',
  summary: 'Request logs of pino-http and express-winston',
  source: 'https://github.com/pinojs/pino-http',
  recognises: (record) => {
    if (!isObject(record) || 'jsonrpc' in record || '@timestamp' in record) return false;
    const request = record['req'] ?? at(record, 'meta.req');
    return isObject(request) && typeof request['method'] === 'string';
  },
  map: (record, hint, context) => {
    const fields = record as JsonObject;
    const request = objectOf(fields['req'] ?? at(fields, 'meta.req'));
    const response = objectOf(fields['res'] ?? at(fields, 'meta.res'));
    if (response['statusCode'] === undefined && fields['err'] === undefined)
      return [skip('a request without its response')];
    const headers = objectOf(request['headers']);
    const status = countOf(response['statusCode']);
    const credential = readCredential(headers['authorization'], context.digest);
    const address = textAt(request, 'remoteAddress', 'ip');
    const name = textAt(fields, 'service', 'name', 'app') ?? loggingWorkload(fields) ?? hint.workload;
    const destination =
      name ?? hostOf(textOf(headers['host'] ?? request['host'])) ?? textOf(fields['hostname']);
    return [
      toEvent(
        {
          time: parseTime(fields['time'] ?? fields['timestamp']),
          source: credential.fields.auth_subject ?? address,
          destination: destination === undefined ? undefined : agentName(destination),
          destination_kind: name === undefined ? undefined : 'service',
          source_address: address,
          protocol: 'http',
          action: httpAction(textOf(request['method']), textAt(request, 'url', 'path', 'originalUrl')),
          outcome: isObject(fields['err']) && status === undefined ? 'error' : httpOutcome(status),
          status: textOf(status),
          bytes_out: countOf(headers['content-length']),
          bytes_in: countOf(objectOf(response['headers'])['content-length']),
          duration_ms: numberOf(fields['responseTime'] ?? at(fields, 'meta.responseTime')),
          ...credential.fields,
          trace_id: textAt(fields, 'trace_id', 'traceId'),
          span_id: textAt(fields, 'span_id', 'spanId'),
          observer: textAt(fields, 'hostname') ?? hint.host,
          attributes: attributes({
            ...credential.attributes,
            user_agent: headers['user-agent'],
            request_id: request['id'] ?? fields['reqId'],
          }),
        },
        hint,
        context,
      ),
    ];
  },
};
