import { attributes, toEvent } from '../facts/draft.ts';
import {
  attributeOf,
  dialectOf,
  isCalledSide,
  isSpan,
  serviceOf,
  spanFacts,
  statusOutcome,
} from '../facts/otel.ts';
import { mcpAction } from '../facts/rpc-methods.ts';
import type { OtlpSpan, Schema } from './schema.ts';

/** OTel spans of Model Context Protocol requests, of client and server. */
export const otelMcp: Schema = {
  name: 'otel-mcp',
  summary: 'OTel spans of MCP requests',
  source: 'https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/',
  recognises: (record) => isSpan(record) && dialectOf(record.attributes) === 'mcp',
  map: (record, hint, context) => {
    const span = record as OtlpSpan;
    const given = span.attributes;
    const method = attributeOf(given, 'mcp.method.name') ?? 'unknown';
    const name = attributeOf(
      given,
      'gen_ai.tool.name',
      'mcp.tool.name',
      'gen_ai.prompt.name',
      'mcp.prompt.name',
    );
    const resource = attributeOf(given, 'mcp.resource.uri');
    const common = spanFacts(span, hint);
    // Over stdio there is no address: the server is then known by what the client calls it.
    const peer = attributeOf(given, 'mcp.server.name', 'mcp.client.name');
    const isCalled = isCalledSide(span);
    return [
      toEvent(
        {
          ...common,
          source: isCalled
            ? (common.source ?? peer)
            : (attributeOf(given, 'gen_ai.agent.name') ?? common.source),
          destination: isCalled ? serviceOf(span.resource) : (common.destination ?? peer),
          source_kind: isCalled ? common.source_kind : 'llm_agent',
          destination_kind: 'tool',
          protocol: 'mcp',
          action: mcpAction(method, name),
          resources: resource === undefined ? undefined : [resource],
          outcome: statusOutcome(span),
          status: attributeOf(given, 'rpc.response.status_code', 'rpc.jsonrpc.error_code', 'error.type'),
          session: attributeOf(given, 'mcp.session.id', 'gen_ai.conversation.id'),
          attributes: attributes({
            mcp_protocol_version: given['mcp.protocol.version'],
            request_id: given['jsonrpc.request.id'] ?? given['mcp.request.id'],
            transport: attributeOf(given, 'network.transport', 'mcp.transport'),
            scope: span.scope,
          }),
        },
        hint,
        context,
      ),
    ];
  },
};
