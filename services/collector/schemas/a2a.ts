import { attributeNames } from '#shared/attributes.ts';
import { cardHash, declarationOfCard, isAgentCard } from '#shared/registry/agent-card.ts';
import { attributes, skip, toEvent } from '../facts/draft.ts';
import {
  answerOutcome,
  answerTo,
  type Exchange,
  exchangeFacts,
  exchangeOf,
  fallbackSource,
  methodOf,
} from '../facts/exchange.ts';
import { isObject, type JsonObject, listOf, objectOf, textAt, textOf } from '../facts/read.ts';
import { a2aMethod, a2aRestMethod, taskOutcome } from '../facts/rpc-methods.ts';
import { extractResources } from '../resources.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';

/**
 * Agent2Agent calls, JSON-RPC or REST binding, 1.0 and 0.3, as an observing proxy logs them or as one message alone.
 * Messages are not kept; of structured parts and push targets only whom or what they name.
 */
export const a2a: Schema = {
  name: 'a2a',
  summary: 'A2A exchanges, JSON-RPC and REST bindings, both protocol generations',
  source: 'https://a2a-protocol.org/latest/specification/',
  recognises: (record) => {
    const exchange = exchangeOf(record);
    if (exchange === undefined || isAgentCard(exchange.received[0])) return false;
    if (Object.keys(exchange.headers).some((name) => name.startsWith('mcp-'))) return false;
    if (exchange.headers['a2a-version'] !== undefined) return true;
    const method = methodOf(exchange);
    if (method === undefined)
      return /\/message:(?:send|stream)$/.test(exchange.url?.replace(/[?#].*$/, '') ?? '');
    return a2aMethod(method) !== undefined && !('taskId' in objectOf(exchange.sent[0]?.['params']));
  },
  map: (record, hint, context) => {
    const exchange = exchangeOf(record);
    if (exchange === undefined) return [];
    const messages = exchange.sent.filter(
      (message) => message['jsonrpc'] === '2.0' && message['id'] !== undefined,
    );
    if (messages.length > 0)
      return messages.flatMap((message) => {
        const answer = answerTo(exchange, message);
        const method = textOf(message['method']) ?? 'unknown';
        return mapCall({ method, params: objectOf(message['params']), answer, exchange }, hint, context);
      });
    const method = a2aRestMethod(exchange.httpMethod ?? 'GET', exchange.url ?? '');
    if (method === undefined) return [skip('an exchange without an A2A method')];
    const [params = {}] = exchange.sent;
    const last = exchange.received.at(-1);
    const answer = last === undefined ? undefined : isObject(last['error']) ? last : { result: last };
    return mapCall({ method, params, answer, exchange }, hint, context);
  },
};

interface Call {
  readonly method: string;
  readonly params: JsonObject;
  readonly answer: JsonObject | undefined;
  readonly exchange: Exchange;
}

function mapCall(call: Call, hint: Hint, context: MapContext): readonly SchemaOutcome[] {
  const { exchange, params, answer } = call;
  const { found, credential } = exchangeFacts(exchange, hint, context);
  const result = objectOf(answer?.['result']);
  const task = taskOf(result);
  const state = textAt(task, 'status.state');
  const outcome = answerOutcome(answer, exchange.status);
  const card = isAgentCard(result) ? result : undefined;
  const message = objectOf(params['message']);
  const event = toEvent(
    {
      ...found,
      source: found.source ?? fallbackSource(exchange),
      source_kind: 'llm_agent',
      destination_kind: 'llm_agent',
      protocol: 'a2a',
      action: a2aMethod(call.method) ?? 'other',
      resources: resourcesOf(params, message),
      outcome: outcome === 'success' ? taskOutcome(state) : outcome,
      status: textAt(answer, 'error.code') ?? state ?? textOf(exchange.status),
      session: textOf(message['contextId']) ?? textOf(task['contextId']),
      attributes: attributes({
        ...credential.attributes,
        a2a_protocol_version: exchange.headers['a2a-version'],
        a2a_extensions: exchange.headers['a2a-extensions'],
        task: task['id'] ?? params['id'] ?? params['taskId'],
        message: message['messageId'],
        tenant: params['tenant'],
        [attributeNames.cardHash]: card === undefined ? undefined : cardHash(card),
      }),
    },
    hint,
    context,
  );
  if (card === undefined) return [event];
  return [event, { kind: 'inventory', declaration: declarationOfCard(card, found.destination) }];
}

/** 1.0 wraps what comes back (`task`, `statusUpdate`); 0.3 gives the task itself. */
function taskOf(result: JsonObject): JsonObject {
  const update = objectOf(result['statusUpdate'] ?? result['artifactUpdate']);
  if (isObject(result['task'])) return result['task'];
  return Object.keys(update).length > 0
    ? { ...update, id: update['taskId'] }
    : result['status'] === undefined
      ? {}
      : result;
}

function resourcesOf(params: JsonObject, message: JsonObject): string[] {
  const data = listOf(message['parts']).map((part) => objectOf(part)['data'] ?? objectOf(part)['url']);
  const target = textAt(
    params,
    'configuration.taskPushNotificationConfig.url',
    'configuration.pushNotificationConfig.url',
    'pushNotificationConfig.url',
    'config.url',
    'url',
  );
  return extractResources({ url: target, data });
}
