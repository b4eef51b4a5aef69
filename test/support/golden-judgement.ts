import type { GoldenReply } from './golden-requests.ts';

/** What a client makes of an answer: the records are safe, are sent again, or are gone. */
export type Judgement = 'delivered' | 'sent again' | 'lost';

type Judge = (reply: GoldenReply, records: number) => Judgement;

const isSuccess = (status: number) => status >= 200 && status < 300;
const textOf = ({ body }: GoldenReply) => body.toString('utf8');

/** How each client reads the answer to its records, after the sources that the golden files name. */
export const judges: Readonly<Record<string, Judge>> = {
  // http.c: 200 to 205 is success; of the 4xx only 408 and 429 come again.
  'fluent-bit-http': ({ status }) => {
    if (status >= 200 && status <= 205) return 'delivered';
    return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'lost' : 'sent again';
  },
  // es.c: 200 or 201 and no errors; whatever else, the whole chunk again. A cut answer is searched as text.
  'fluent-bit-es': (reply) => {
    const isTaken = (reply.status === 200 || reply.status === 201) && reply.body.length > 0;
    return isTaken && textOf(reply).includes('"errors":false,"items":[') ? 'delivered' : 'sent again';
  },
  // splunk.c: exactly 200.
  'fluent-bit-splunk': ({ status }) => {
    if (status === 200) return 'delivered';
    return status < 400 || status >= 500 || status === 408 || status === 429 ? 'sent again' : 'lost';
  },
  // opentelemetry.c: the retryable codes of the OTLP specification only.
  'fluent-bit-opentelemetry': ({ status }) => {
    if (status >= 200 && status <= 205) return 'delivered';
    return [429, 502, 503, 504].includes(status) ? 'sent again' : 'lost';
  },
  // otlp.go: the same codes, and any 2xx.
  'otel-collector': ({ status }) => {
    if (isSuccess(status)) return 'delivered';
    return [429, 502, 503, 504].includes(status) ? 'sent again' : 'lost';
  },
  // src/sinks/util/http.rs
  'vector-http': ({ status }) => {
    if (isSuccess(status)) return 'delivered';
    return status === 408 || status === 429 || (status >= 500 && status !== 501) ? 'sent again' : 'lost';
  },
  // retry.rs, service.rs
  'vector-elasticsearch': (reply) => {
    const { status } = reply;
    if (isSuccess(status)) return textOf(reply).includes('"errors":true') ? 'lost' : 'delivered';
    return status === 429 || (status >= 500 && status !== 501) ? 'sent again' : 'lost';
  },
  // common/service.rs: a body without an ackId counts as delivered, one that is no JSON too.
  'vector-splunk': ({ status }) => {
    if (isSuccess(status)) return 'delivered';
    return status === 408 || status === 429 || (status >= 500 && status !== 501) ? 'sent again' : 'lost';
  },
  // client.go: one item for each event, in order; an item of 409 is a repeat. Without an answer of 200 all again.
  filebeat: (reply, records) => {
    if (reply.status !== 200) return 'sent again';
    const statuses = itemsOf(reply).map((item) => Object.values(item)[0]?.status ?? -1);
    if (statuses.length < records || statuses.some((status) => status < 0)) return 'lost';
    if (statuses.some((status) => status === 429 || status >= 500)) return 'sent again';
    return statuses.every((status) => status < 300 || status === 409) ? 'delivered' : 'lost';
  },
  // common.rb: any other status is repeated for ever; a wrong number of items is a failure of the pipeline.
  logstash: (reply, records) => {
    if (!isSuccess(reply.status)) return 'sent again';
    const { errors } = JSON.parse(textOf(reply)) as { errors?: unknown };
    if (errors === false) return 'delivered';
    return itemsOf(reply).length === records ? 'sent again' : 'lost';
  },
};

function itemsOf(reply: GoldenReply): readonly Readonly<Record<string, { readonly status?: number }>>[] {
  const { items } = JSON.parse(textOf(reply)) as { items: readonly Record<string, { status?: number }>[] };
  return items;
}
