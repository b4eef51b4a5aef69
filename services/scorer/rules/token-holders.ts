import type { AmissEvent } from '#shared/event.ts';
import type { RuleMemory } from './rule-memory.ts';

/** Tokens that are remembered; the one not used for longest goes first. */
const tokensMax = 65_536;
/** Agents whose addresses are remembered; beyond them a new agent's addresses are not judged. */
const agentsMax = 100_000;
/** Addresses of one agent that are remembered; one with more has no usual place. */
const addressesMax = 16;
/** Calls of an agent from known addresses before another address is told. */
const callsMin = 200;

/** Why a token may be in foreign hands, and who held it before. */
interface Doubt {
  readonly kind: 'agent' | 'address';
  readonly holder: string;
}

/** Who holds each token, and from where each agent calls. */
export interface TokenHolders extends RuleMemory {
  doubt(event: AmissEvent): Doubt | undefined;
  learn(event: AmissEvent): void;
}

interface Token {
  readonly source: string;
  /** Where it was used first; "" where the log does not say. */
  readonly address: string;
}

interface Places {
  calls: number;
  readonly addresses: Set<string>;
}

export function createTokenHolders(): TokenHolders {
  const tokens = new Map<string, Token>();
  const places = new Map<string, Places>();
  const isStrangePlace = (event: AmissEvent, token: Token) => {
    const address = event.source_address;
    if (address === undefined || token.address === '' || token.address === address) return false;
    const known = places.get(inSpace(event, event.source));
    if (known === undefined || known.calls < callsMin || known.addresses.size >= addressesMax) return false;
    return !known.addresses.has(address);
  };
  return {
    name: 'holders',
    doubt: (event) => {
      const token = event.token_id === undefined ? undefined : tokens.get(inSpace(event, event.token_id));
      if (token === undefined) return undefined;
      if (token.source !== event.source) return { kind: 'agent', holder: token.source };
      return isStrangePlace(event, token) ? { kind: 'address', holder: token.address } : undefined;
    },
    learn: (event) => {
      if (event.token_id === undefined) return;
      const { source, source_address: address = '' } = event;
      const token = inSpace(event, event.token_id);
      remember(tokens, token, tokens.get(token) ?? { source, address });
      if (address === '') return;
      const place = inSpace(event, source);
      const known = places.get(place) ?? { calls: 0, addresses: new Set<string>() };
      known.calls += 1;
      if (known.addresses.size < addressesMax) known.addresses.add(address);
      if (places.size < agentsMax || places.has(place)) places.set(place, known);
    },
    save: (state) => {
      state.value('tokens', [...tokens]);
      state.value(
        'places',
        [...places].map(([source, { calls, addresses }]) => [source, calls, [...addresses]]),
      );
    },
    restore: (state) => {
      tokens.clear();
      places.clear();
      for (const [id, token] of (state.value('tokens') ?? []) as [string, Token][]) tokens.set(id, token);
      for (const [source, calls, addresses] of (state.value('places') ?? []) as [string, number, string[]][])
        places.set(source, { calls, addresses: new Set(addresses) });
    },
  };
}

/** Tenants may name agents alike, and know nothing of each other. */
function inSpace({ space }: AmissEvent, name: string): string {
  return `${space}\n${name}`;
}

/** Moves the token to the end, so that the first of the map is the one not used for longest. */
function remember(tokens: Map<string, Token>, id: string, token: Token): void {
  tokens.delete(id);
  tokens.set(id, token);
  if (tokens.size <= tokensMax) return;
  for (const oldest of tokens.keys()) {
    tokens.delete(oldest);
    return;
  }
}
