import { eventLimits } from '../event.ts';
import { fingerprint } from '../fingerprint.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { type Declaration, declarationLimits } from './declaration.ts';

/** Whether a value is an A2A agent card, of 1.0 (`supportedInterfaces`) or 0.3 (`url`). */
export function isAgentCard(value: unknown): value is JsonObject {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    Array.isArray(value['skills']) &&
    (Array.isArray(value['supportedInterfaces']) || typeof value['url'] === 'string')
  );
}

/** SHA-256 of a card without its signatures: signing anew changes nothing about the agent. */
export function cardHash(card: JsonObject): string {
  const { signatures: _, ...facts } = card;
  return fingerprint(facts);
}

/**
 * What a card says of its agent, as an entry for the registry.
 *
 * @param agent the id under which the agent is known in events, where that is known
 */
export function declarationOfCard(card: JsonObject, agent: string | undefined): Declaration {
  const interfaces = [...listOf(card['supportedInterfaces']), ...listOf(card['additionalInterfaces'])].map(
    objectOf,
  );
  const urls = [card['url'], ...interfaces.map((item) => item['url'])].map(textOf);
  const versions = [card['protocolVersion'], ...interfaces.map((item) => item['protocolVersion'])].map(
    textOf,
  );
  const schemes = Object.keys(objectOf(card['securitySchemes'])).sort();
  const [url] = urls.filter((value) => value !== undefined);
  const owner = textOf(objectOf(card['provider'])['organization']);
  const version = textOf(card['version']);
  return {
    agent: cut(agent ?? textOf(card['name']) ?? 'unnamed'),
    origin: 'a2a_card',
    kind: 'llm_agent',
    ...(url === undefined ? {} : { source: cut(url) }),
    ...(owner === undefined ? {} : { owner: cut(owner) }),
    ...(version === undefined ? {} : { versions: [cut(version)] }),
    tools: distinct(
      listOf(card['skills']).map((skill) => textOf(objectOf(skill)['id']) ?? textOf(objectOf(skill)['name'])),
    ),
    card_hash: cardHash(card),
    labels: {
      'a2a/protocol-versions': distinct(versions).join(' ').slice(0, eventLimits.textCharactersMax),
      // "none" is the finding: anybody may call.
      'a2a/security-schemes': (schemes.join(' ') || 'none').slice(0, eventLimits.textCharactersMax),
      // Where it is called, which is no identity that it calls under.
      'a2a/hosts': distinct(urls.map(hostOf)).join(' ').slice(0, eventLimits.textCharactersMax),
      'a2a/signed': String(listOf(card['signatures']).length > 0),
    },
  };
}

function distinct(values: readonly (string | undefined)[]): string[] {
  const present = values.filter((value) => value !== undefined && value !== '');
  return [...new Set(present.map((value) => cut(value ?? '')))].slice(0, declarationLimits.listMax);
}

function cut(value: string): string {
  return value.slice(0, eventLimits.textCharactersMax).toWellFormed();
}

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}
