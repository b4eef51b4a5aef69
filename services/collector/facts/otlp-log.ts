import type { Hint, OtlpLog } from '../schemas/schema.ts';
import { serviceOf } from './otel.ts';
import { isObject } from './read.ts';

/**
 * What an OTLP log record can carry, the likeliest first: the body (an object, JSON text, a line), its attributes
 * (Envoy's access logger puts the fields there), or both together, said by the service of the resource.
 */
export function contentsOf(log: OtlpLog): readonly unknown[] {
  const body = typeof log.body === 'string' ? parsed(log.body) : log.body;
  const fields = isObject(body) ? body : {};
  const source = serviceOf(log.resource);
  const trace = {
    ...(log.trace_id === '' ? {} : { trace_id: log.trace_id }),
    ...(log.span_id === '' ? {} : { span_id: log.span_id }),
  };
  const joined = { ...(source === undefined ? {} : { source }), ...trace, ...log.attributes, ...fields };
  return [body, log.attributes, joined].filter((content) => content !== undefined && content !== null);
}

/** What the envelope tells about the contents. */
export function hintOf(log: OtlpLog, hint: Hint): Hint {
  const workload = serviceOf(log.resource);
  const host = workload ?? hint.host;
  const stream = log.event_name || log.scope || hint.stream;
  return {
    ...hint,
    ...(log.time_ms > 0 ? { time: Math.floor(log.time_ms) } : {}),
    ...(host === undefined ? {} : { host }),
    ...(workload === undefined ? {} : { workload }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function parsed(body: string): unknown {
  if (!body.startsWith('{')) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body; // a line that only looks like JSON
  }
}
