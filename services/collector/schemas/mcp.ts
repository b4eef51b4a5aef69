import { attributeNames } from '#shared/attributes.ts';
import { fingerprint } from '#shared/fingerprint.ts';
import { attributes, type Found, skip, toEvent } from '../facts/draft.ts';
import {
  answerOutcome,
  answerTo,
  type Exchange,
  exchangeFacts,
  exchangeOf,
  fallbackSource,
  methodOf,
  traceIdOf,
} from '../facts/exchange.ts';
import { isObject, type JsonObject, listOf, objectOf, textAt, textOf } from '../facts/read.ts';
import { a2aMethod, isMcpMethod, mcpAction } from '../facts/rpc-methods.ts';
import { extractResources } from '../resources.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';

const metaKey = 'io.modelcontextprotocol/';

/**
 * Model Context Protocol as raw JSON-RPC, with sessions (to 2025-11-25) or without (2026-07-28): an exchange as the
 * observing proxy logs it, one message alone, or only the `Mcp-Method` and `Mcp-Name` headers of a request.
 * Arguments and results are not kept; of arguments only whom or what they name, of tool lists a fingerprint.
 */
export const mcp: Schema = {
  name: 'mcp',
  summary: 'MCP JSON-RPC exchanges, both protocol generations',
  source: 'https://modelcontextprotocol.io/specification/2026-07-28',
  recognises: (record) => {
    const exchange = exchangeOf(record);
    if (exchange === undefined || exchange.headers['a2a-version'] !== undefined) return false;
    if (Object.keys(exchange.headers).some((name) => name.startsWith('mcp-'))) return true;
    const method = methodOf(exchange);
    if (method === undefined) return isBareAnswer(record);
    if (!isMcpMethod(method)) return false;
    // Tasks have the same method names in A2A 0.3, but another name for their id.
    return (
      a2aMethod(method) === undefined ||
      exchange.sent.some((message) => 'taskId' in objectOf(message['params']))
    );
  },
  map: (record, hint, context) => {
    const exchange = exchangeOf(record);
    if (exchange === undefined) return [];
    const requests = exchange.sent.filter((message) => typeof message['method'] === 'string');
    const calls = requests.filter((message) => message['id'] !== undefined);
    const asked = exchange.received.filter(
      (message) => typeof message['method'] === 'string' && message['id'] !== undefined,
    );
    const outcomes = [
      ...calls.map((message) => mapCall(message, exchange, hint, context)),
      ...asked.map((message) => mapAsked(message, exchange, hint, context)),
    ];
    if (outcomes.length > 0) return outcomes;
    if (requests.length > 0) return [skip('a notification')];
    const method = textOf(exchange.headers['mcp-method']);
    if (method !== undefined) return [mapHeaders(method, exchange, hint, context)];
    return [skip(isBareAnswer(record) ? 'an answer without its request' : 'an exchange without a message')];
  },
};

/** `{"jsonrpc":"2.0","id":…,"result":…}`: which protocol it is of cannot be seen, and nothing is lost by it. */
function isBareAnswer(record: unknown): boolean {
  return isObject(record) && record['jsonrpc'] === '2.0' && ('result' in record || 'error' in record);
}

function mapCall(message: JsonObject, exchange: Exchange, hint: Hint, context: MapContext): SchemaOutcome {
  const { found, credential } = exchangeFacts(exchange, hint, context);
  const method = textOf(message['method']) ?? 'unknown';
  const params = objectOf(message['params']);
  const meta = objectOf(params['_meta']);
  const client = objectOf(meta[`${metaKey}clientInfo`] ?? params['clientInfo']);
  const answer = answerTo(exchange, message);
  const result = objectOf(answer?.['result']);
  const outcome = answerOutcome(answer, exchange.status);
  return toEvent(
    {
      ...found,
      ...roles,
      source: found.source ?? textOf(client['name']) ?? fallbackSource(exchange),
      source_version: textOf(client['version']),
      action: mcpAction(method, textOf(params['name'])),
      resources: resourcesOf(params),
      // A tool's own failure is a result, not a JSON-RPC error.
      outcome: outcome === 'success' && result['isError'] === true ? 'error' : outcome,
      status: textAt(answer, 'error.code') ?? textOf(exchange.status),
      trace_id: traceIdOf(textOf(meta['traceparent'])) ?? found.trace_id,
      session: textOf(exchange.headers['mcp-session-id']),
      attributes: attributes({
        ...credential.attributes,
        mcp_protocol_version:
          exchange.headers['mcp-protocol-version'] ??
          meta[`${metaKey}protocolVersion`] ??
          params['protocolVersion'],
        request_id: message['id'],
        result_type: result['resultType'],
        user_agent: exchange.headers['user-agent'],
        [attributeNames.toolsHash]: Array.isArray(result['tools']) ? toolsHash(result['tools']) : undefined,
      }),
    },
    hint,
    context,
  );
}

const roles = {
  source_kind: 'llm_agent',
  destination_kind: 'tool',
  protocol: 'mcp',
} as const satisfies Found;

/** The server asks the client: for a model's answer, for its user's word, for its roots. */
function mapAsked(message: JsonObject, exchange: Exchange, hint: Hint, context: MapContext): SchemaOutcome {
  const { found } = exchangeFacts(exchange, hint, context);
  const { time, observer, trace_id } = found;
  return toEvent(
    {
      time,
      observer,
      trace_id,
      source: found.destination,
      source_kind: 'tool',
      destination: found.source ?? fallbackSource(exchange),
      destination_kind: 'llm_agent',
      protocol: 'mcp',
      action: mcpAction(textOf(message['method']) ?? 'unknown', undefined),
      outcome: 'unknown', // the client answers in another exchange
      session: textOf(exchange.headers['mcp-session-id']),
    },
    hint,
    context,
  );
}

/** A proxy that logs no bodies still sees the action in the headers of 2026-07-28. */
function mapHeaders(method: string, exchange: Exchange, hint: Hint, context: MapContext): SchemaOutcome {
  const { found, credential } = exchangeFacts(exchange, hint, context);
  const name = decodeHeader(textOf(exchange.headers['mcp-name']));
  return toEvent(
    {
      ...found,
      ...roles,
      source: found.source ?? fallbackSource(exchange),
      action: mcpAction(method, name),
      resources: method.startsWith('resources/') && name !== undefined ? [name] : undefined,
      outcome: exchange.status === undefined ? 'unknown' : answerOutcome({}, exchange.status),
      status: textOf(exchange.status),
      session: textOf(exchange.headers['mcp-session-id']),
      attributes: attributes({
        ...credential.attributes,
        mcp_protocol_version: exchange.headers['mcp-protocol-version'],
        user_agent: exchange.headers['user-agent'],
      }),
    },
    hint,
    context,
  );
}

function resourcesOf(params: JsonObject): string[] {
  const uri = textOf(params['uri']);
  return uri === undefined ? extractResources(params['arguments']) : [uri];
}

/** Order does not matter, wording does: a description that changed is how a tool is poisoned. */
function toolsHash(tools: readonly unknown[]): string {
  const facts = listOf(tools).map((tool) => {
    const { name, description, inputSchema } = objectOf(tool);
    return fingerprint({ name, description, inputSchema });
  });
  return fingerprint(facts.sort());
}

/** Names outside ASCII come as `=?base64?…?=`. */
function decodeHeader(value: string | undefined): string | undefined {
  const encoded = /^=\?base64\?([A-Za-z0-9+/=]*)\?=$/.exec(value ?? '')?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
