import { declarationOfCard, isAgentCard } from '../agent-card.ts';
import type { RegistryImport } from './registry-import.ts';

/** A2A agent cards: what an agent says of itself. */
export const agentCards: RegistryImport = {
  name: 'a2a-card',
  summary: 'A2A agent cards, one or a list',
  source: 'https://a2a-protocol.org/latest/specification/#8-agent-discovery-the-agent-card',
  origin: 'a2a_card',
  read: (documents) => ({
    declarations: documents.filter(isAgentCard).map((card) => declarationOfCard(card, undefined)),
    roleLists: [],
    skipped: documents.flatMap((document, i) =>
      isAgentCard(document) ? [] : [`document ${i}: is no agent card; a card has name, skills and url`],
    ),
  }),
};
