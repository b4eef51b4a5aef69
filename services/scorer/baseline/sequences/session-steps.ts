import type { StateReader, StateWriter } from '../../state.ts';
import { createRecords } from '../tables/records.ts';
import { textHash } from '../tables/text-hash.ts';

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
    hash = textHash(session, agent);
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
