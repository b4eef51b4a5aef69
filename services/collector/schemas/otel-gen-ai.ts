import type { AgentKind } from '#shared/event.ts';
import { attributes, type Found, skip, toEvent } from '../facts/draft.ts';
import {
  attributeOf,
  dialectOf,
  isOtlpLog,
  isSpan,
  serviceOf,
  spanFacts,
  statusOutcome,
} from '../facts/otel.ts';
import { templateSegment } from '../facts/path.ts';
import { isObject, type JsonObject, listOf, textOf } from '../facts/read.ts';
import { extractResources } from '../resources.ts';
import type { OtlpSpan, Schema } from './schema.ts';

/**
 * OTel GenAI spans: an agent that asks a model, calls a tool, or invokes another agent. Prompts, answers and tool
 * arguments are never kept; of arguments only whom or what they name.
 */
export const otelGenAi: Schema = {
  name: 'otel-gen-ai',
  summary: 'OTel GenAI spans: model calls, tool calls, agent invocations',
  source: 'https://github.com/open-telemetry/semantic-conventions-genai',
  recognises: (record) => (isSpan(record) || isOtlpLog(record)) && dialectOf(record.attributes) === 'gen-ai',
  map: (record, hint, context) => {
    // The logs of this convention hold the content of the same calls that the spans tell of.
    if (!isSpan(record)) return [skip('content of a GenAI call; its span tells of the call')];
    const given = record.attributes;
    const operation = attributeOf(given, 'gen_ai.operation.name') ?? 'unknown';
    return [
      toEvent(
        {
          ...spanFacts(record, hint),
          ...endsOf(record, operation),
          destination_address: undefined,
          protocol: 'gen_ai',
          resources: extractResources(argumentsOf(given)),
          outcome: statusOutcome(record),
          status: attributeOf(given, 'error.type'),
          session: attributeOf(given, 'gen_ai.conversation.id', 'session.id'),
          attributes: attributes({
            model: attributeOf(given, 'gen_ai.response.model', 'gen_ai.request.model'),
            provider: attributeOf(given, 'gen_ai.provider.name', 'gen_ai.system'),
            input_tokens: given['gen_ai.usage.input_tokens'] ?? given['gen_ai.usage.prompt_tokens'],
            output_tokens: given['gen_ai.usage.output_tokens'] ?? given['gen_ai.usage.completion_tokens'],
            finish_reasons: listOf(given['gen_ai.response.finish_reasons']).map(textOf).join(','),
            tool_type: given['gen_ai.tool.type'],
            tool_call_id: given['gen_ai.tool.call.id'],
            agent_id: given['gen_ai.agent.id'],
            data_source: given['gen_ai.data_source.id'],
          }),
        },
        hint,
        context,
      ),
    ];
  },
};

function endsOf(span: OtlpSpan, operation: string): Found {
  const given = span.attributes;
  const service = serviceOf(span.resource);
  const agent = attributeOf(given, 'gen_ai.agent.name', 'gen_ai.agent.id');
  const caller = agent ?? service;
  const callerKind: AgentKind = agent === undefined ? 'service' : 'llm_agent';
  const version = attributeOf(given, 'gen_ai.agent.version') ?? attributeOf(span.resource, 'service.version');
  const name = templateSegment(operation);
  if (operation === 'execute_tool') {
    const tool = attributeOf(given, 'gen_ai.tool.name');
    return {
      source: caller,
      source_kind: callerKind,
      source_version: version,
      destination: tool === undefined ? undefined : `tool:${tool}`,
      destination_kind: 'tool',
      action: tool === undefined ? name : `${name}:${templateSegment(tool)}`,
    };
  }
  if (operation === 'invoke_agent' || operation === 'create_agent')
    return {
      source: service,
      source_kind: 'service',
      destination: agent ?? attributeOf(given, 'server.address'),
      destination_kind: 'llm_agent',
      action: name,
    };
  return {
    source: caller,
    source_kind: callerKind,
    source_version: version,
    destination: attributeOf(given, 'gen_ai.provider.name', 'gen_ai.system', 'server.address'),
    destination_kind: 'external',
    action: name,
  };
}

/** Arguments are an object, or its JSON text. */
function argumentsOf(given: JsonObject): unknown {
  const value = given['gen_ai.tool.call.arguments'] ?? given['gen_ai.tool.arguments'];
  if (typeof value !== 'string') return isObject(value) ? value : undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value; // plain text can still name a host or a recipient
  }
}
