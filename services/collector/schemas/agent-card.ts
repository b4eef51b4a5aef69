import { attributeNames } from '#shared/attributes.ts';
import { cardHash, declarationOfCard, isAgentCard } from '#shared/registry/agent-card.ts';
import { attributes, toEvent } from '../facts/draft.ts';
import { exchangeFacts, exchangeOf, fallbackSource } from '../facts/exchange.ts';
import { objectOf, textOf } from '../facts/read.ts';
import type { Schema } from './schema.ts';

/** A2A agent cards, alone or in the exchange in which they were fetched: entries for the registry. */
export const agentCard: Schema = {
  name: 'a2a-card',
  summary: 'A2A agent cards as inventory',
  source: 'https://a2a-protocol.org/latest/specification/#8-agent-discovery-the-agent-card',
  recognises: (record) => isAgentCard(record) || isAgentCard(exchangeOf(record)?.received[0]),
  map: (record, hint, context) => {
    if (isAgentCard(record))
      return [{ kind: 'inventory', declaration: declarationOfCard(record, undefined) }];
    const exchange = exchangeOf(record);
    const card = objectOf(exchange?.received[0]);
    if (exchange === undefined || !isAgentCard(card)) return [];
    const { found, credential } = exchangeFacts(exchange, hint, context);
    const event = toEvent(
      {
        ...found,
        source: found.source ?? fallbackSource(exchange),
        destination_kind: 'llm_agent',
        protocol: 'a2a',
        action: 'GetAgentCard',
        outcome: 'success',
        status: textOf(exchange.status),
        attributes: attributes({ ...credential.attributes, [attributeNames.cardHash]: cardHash(card) }),
      },
      hint,
      context,
    );
    return [event, { kind: 'inventory', declaration: declarationOfCard(card, found.destination) }];
  },
};
