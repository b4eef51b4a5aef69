import { elasticBulk } from './elastic-bulk.ts';
import { fluentMsgpack } from './fluent-msgpack.ts';
import type { Format } from './format.ts';
import { lines } from './lines.ts';
import { native } from './native.ts';
import { otlpLogs } from './otlp-logs.ts';
import { otlpTraces } from './otlp-traces.ts';
import { splunkHec } from './splunk-hec.ts';
import { syslog } from './syslog.ts';

/** Every wire format whose bodies can be read by themselves. */
export const formats: readonly Format[] = [
  native,
  lines,
  otlpLogs,
  otlpTraces,
  elasticBulk,
  splunkHec,
  fluentMsgpack,
  syslog,
];
