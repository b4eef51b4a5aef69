import { attributes, toEvent } from '../facts/draft.ts';
import { attributeOf, dialectOf, isSpan, spanFacts, statusOutcome } from '../facts/otel.ts';
import { templateSegment } from '../facts/path.ts';
import { a2aMethod, taskOutcome } from '../facts/rpc-methods.ts';
import type { OtlpSpan, Schema } from './schema.ts';

/** OTel spans of Agent2Agent calls, of client and server, with the method names of both protocol generations. */
export const otelA2a: Schema = {
  name: 'otel-a2a',
  summary: 'OTel spans of A2A calls',
  source: 'https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/a2a.md',
  recognises: (record) => isSpan(record) && dialectOf(record.attributes) === 'a2a',
  map: (record, hint, context) => {
    const span = record as OtlpSpan;
    const given = span.attributes;
    const method = attributeOf(given, 'a2a.method.name') ?? 'unknown';
    const state = attributeOf(given, 'a2a.task.state');
    const status = statusOutcome(span);
    return [
      toEvent(
        {
          ...spanFacts(span, hint),
          source_kind: 'llm_agent',
          destination_kind: 'llm_agent',
          protocol: 'a2a',
          action: a2aMethod(method) ?? templateSegment(method),
          outcome: status === 'success' ? taskOutcome(state) : status,
          status: state ?? attributeOf(given, 'rpc.response.status_code', 'error.type'),
          session: attributeOf(given, 'gen_ai.conversation.id', 'a2a.context.id'),
          attributes: attributes({
            a2a_protocol_version: given['a2a.protocol.version'],
            task: given['a2a.task.id'],
            message: given['a2a.message.id'],
            tenant: given['a2a.tenant'],
            scope: span.scope,
          }),
        },
        hint,
        context,
      ),
    ];
  },
};
