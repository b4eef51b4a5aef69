import type { AmissEvent } from '#shared/event.ts';
import { allOf, type StateReader, type StateWriter } from '../../state.ts';
import { createNames, otherName } from '../tables/names.ts';
import { createPairs } from '../tables/pairs.ts';
import { createRecords } from '../tables/records.ts';

/** Who tells us what agents do: the shippers that send it and the observers that saw it, each within its space. */
interface Sources {
  /** Notes through whom an agent was heard, once a minute; `spoke` is called for each of them. */
  hear(heard: Heard, spoke: (source: number) => void): void;
  /** Through whom the agent was heard last: of each kind one, or -1. Scratch: reused. */
  of(agent: number): Readonly<Int32Array>;
  /** `shipper edge-1`, `observer proxy`. */
  title(source: number): string;
  spaceOf(source: number): number;
  /** The agent that it told of last. */
  agentOf(source: number): number;
  /** Has it told of more than one agent? Of one alone, its silence is that agent's. */
  isShared(source: number): boolean;
  forget(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface Heard {
  readonly agent: number;
  readonly space: number;
  readonly time: number;
  readonly event: AmissEvent;
}

const kinds = ['shipper', 'observer'] as const;
const namesMax = 65_536; // of shippers and observers; nobody listens to what comes later
const minuteMs = 60_000;

/** Fields of an agent: the minute in which it was noted + 1, then its source of each kind + 1. */
const minute = 0;
const first = 1;
const agentWidth = first + kinds.length;
/** Fields of a source: the agent that it told of last + 1, and whether there was another. */
const last = 0;
const shared = 1;
const sourceWidth = 2;

/** @param key under which they are saved */
export function createSources(key: string): Sources {
  const names = createNames(`${key}-names`, namesMax);
  const sources = createPairs(`${key}-sources`); // of a space and a name
  const agents = createRecords(`${key}-agents`, agentWidth);
  const facts = createRecords(`${key}-facts`, sourceWidth);
  const parts = [names, sources, agents, facts];
  const found = new Int32Array(kinds.length); // scratch: the hot path allocates nothing

  const sourceOf = (space: number, kind: number, name: string): number => {
    const known = names.intern(`${kinds[kind]} ${name}`);
    return known === otherName ? -1 : sources.intern(space, known);
  };
  const noteAgent = (source: number, agent: number) => {
    const at = facts.at(source);
    const before = facts.data[at + last] ?? 0;
    if (before > 0 && before !== agent + 1) facts.data[at + shared] = 1;
    facts.data[at + last] = agent + 1;
  };
  return {
    hear: ({ agent, space, time, event }, spoke) => {
      const at = agents.at(agent);
      const now = Math.floor(time / minuteMs) + 1;
      if ((agents.data[at + minute] ?? 0) >= now) return;
      agents.data[at + minute] = now;
      for (let kind = 0; kind < kinds.length; kind += 1) {
        const name = kind === 0 ? event.shipper : event.observer;
        const source = name === undefined || name === null ? -1 : sourceOf(space, kind, name);
        agents.data[at + first + kind] = source + 1;
        if (source < 0) continue;
        noteAgent(source, agent);
        spoke(source);
      }
    },
    of: (agent) => {
      for (let kind = 0; kind < kinds.length; kind += 1)
        found[kind] = (agents.data[agents.at(agent) + first + kind] ?? 0) - 1;
      return found;
    },
    title: (source) => names.text(sources.item(source)),
    spaceOf: sources.owner,
    agentOf: (source) => (facts.data[source * sourceWidth + last] ?? 1) - 1,
    isShared: (source) => (facts.data[source * sourceWidth + shared] ?? 0) > 0,
    forget: agents.clear,
    ...allOf(parts),
  };
}
