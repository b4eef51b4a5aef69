import { attributes, httpOutcome, reject, toEvent } from '../facts/draft.ts';
import { httpAction } from '../facts/http.ts';
import { countOf, numberOf, textOf } from '../facts/read.ts';
import type { Schema } from './schema.ts';

/** Characters of a line beyond which it is no access log. */
const lineCharactersMax = 65_536;
const start = /^\S{2,64} \S{1,128} \S{1,256} \[\d{2}\/[A-Z][a-z]{2}\/\d{4}:/;
const line =
  /^(?<address>\S+) \S+ (?<user>\S+) \[(?<time>[^\]]{20,40})\] "(?<request>(?:[^"\\]|\\.)*)" (?<status>\d{3}|-) (?<bytes>\d+|-)(?: "(?<referer>(?:[^"\\]|\\.)*)" "(?<agent>(?:[^"\\]|\\.)*)")?/;
const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * The Common and Combined log formats of nginx, Apache and many others. They do not name the server: it is the
 * workload or host that the shipper adds to the line.
 */
export const accessLog: Schema = {
  name: 'access-log',
  summary: 'Access logs of web servers, Common or Combined format',
  source: 'https://httpd.apache.org/docs/current/logs.html#accesslog',
  recognises: (record) =>
    typeof record === 'string' && record.length <= lineCharactersMax && start.test(record),
  map: (record, hint, context) => {
    const found = line.exec(record as string)?.groups;
    if (found === undefined)
      return [reject('the line begins like an access log and does not go on like one')];
    const [method, path] = (found['request'] ?? '').split(' ');
    const status = countOf(found['status']);
    const user = textOf(found['user']);
    const time = timeOf(found['time'] ?? '');
    if (time === undefined)
      return [reject(`time: "${found['time']}" is not like 02/Nov/2026:10:00:00 +0000`)];
    return [
      toEvent(
        {
          time,
          source: user ?? found['address'],
          destination: hint.workload ?? hint.host,
          destination_kind: 'service',
          source_address: found['address'],
          protocol: 'http',
          action: httpAction(textOf(method), textOf(path)),
          outcome: httpOutcome(status),
          status: textOf(status),
          bytes_in: numberOf(found['bytes']),
          auth_method: user === undefined ? undefined : 'basic',
          auth_subject: user,
          observer: hint.host ?? hint.workload,
          attributes: attributes({ user_agent: found['agent'], referer: found['referer'] }),
        },
        hint,
        context,
      ),
    ];
  },
};

/** `02/Nov/2026:10:00:00 +0100` as UTC milliseconds. */
function timeOf(text: string): number | undefined {
  const match = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [, day, name = '', year, clock, hours, minutes] = match;
  const month = months.indexOf(name) / 3 + 1;
  const parsed = Date.parse(`${year}-${String(month).padStart(2, '0')}-${day}T${clock}${hours}:${minutes}`);
  return Number.isNaN(parsed) || parsed < 0 ? undefined : parsed;
}
