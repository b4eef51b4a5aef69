import type { StateReader, StateWriter } from '../state.ts';
import { createRecords } from './records.ts';

/** The newest two steps of an agent within a session, and what has gathered against it. Scratch: reused. */
interface SessionSteps {
  newest: number;
  former: number;
  /** Gathered surprise, nats. */
  gathered: number;
}

/** Running sessions by agent and name, in a table of fixed size: a session that meets another's place takes it. */
interface SessionTable {
  /** What is known of the session; zeros where it is new, has rested too long, or lost its place. */
  find(agent: number, session: string, time: number): Readonly<SessionSteps>;
  /** The session goes on: its newest step becomes the former one. */
  step(agent: number, session: string, time: number, next: NextStep): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

interface NextStep {
  readonly step: number;
  /** What has gathered with it. */
  readonly gathered: number;
}

// Sessions at once, a power of two. Of 1,000 that run at once one in 16 loses its place to another.
const places = 16_384;
const restMsMax = 30 * 60_000;

/** Fields of a place. */
const owner = 0; // which session has it: 32 bits of its hash, and its agent
const agentField = 1;
const lastUsed = 2; // UTC ms
const newest = 3;
const former = 4;
const gathered = 5;
const width = 6;

/** @param key under which the sessions are saved */
export function createSessionTable(key: string): SessionTable {
  const records = createRecords(key, width);
  const found: SessionSteps = { newest: 0, former: 0, gathered: 0 };
  let hash = 0;
  const placeOf = (agent: number, session: string) => {
    hash = hashOf(session, agent);
    return records.at(hash & (places - 1));
  };
  const find = (agent: number, session: string, time: number) => {
    const at = placeOf(agent, session);
    const { data } = records;
    const isIts = data[at + owner] === hash && data[at + agentField] === agent;
    const isRunning = isIts && time - (data[at + lastUsed] ?? 0) <= restMsMax;
    found.newest = isRunning ? (data[at + newest] ?? 0) : 0;
    found.former = isRunning ? (data[at + former] ?? 0) : 0;
    found.gathered = isRunning ? (data[at + gathered] ?? 0) : 0;
    return found;
  };
  return {
    find,
    step: (agent, session, time, next) => {
      const before = find(agent, session, time).newest;
      const at = placeOf(agent, session);
      const { data } = records;
      data[at + owner] = hash;
      data[at + agentField] = agent;
      data[at + lastUsed] = time;
      data[at + newest] = next.step;
      data[at + former] = before;
      data[at + gathered] = next.gathered;
    },
    save: records.save,
    restore: records.restore,
  };
}

/** 32 bits of a text. @source FNV-1a, Fowler, Noll & Vo (public domain), finished as MurmurHash3 is (Appleby) */
function hashOf(text: string, seed: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1) ^ 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
