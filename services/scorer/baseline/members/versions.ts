import type { StateReader, StateWriter } from '../../state.ts';

/** A version that an agent ran for the first time, and the one before it. */
interface VersionChange {
  readonly from: string;
  readonly to: string;
  /** Event time of the first call of the new version, UTC ms. */
  readonly at: number;
}

/** What each agent runs, and when it last came to run something that it never ran before. */
export interface Versions {
  learn(agent: number, version: string, time: number): void;
  /** The change of version that may explain what an agent does at a moment; `undefined` where there was none lately. */
  changeOf(agent: number, time: number): VersionChange | undefined;
  forget(agent: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** A release shows within its first day: the nightly jobs have run by then. */
const explainsMs = 24 * 60 * 60_000;
/** Versions of one agent that are remembered; a return to an older one counts as new. */
const knownMax = 16;

interface Running {
  current: string;
  /** Oldest first. */
  readonly known: string[];
  change?: VersionChange;
}

export function createVersions(): Versions {
  const running = new Map<number, Running>();
  return {
    learn: (agent, version, time) => {
      const known = running.get(agent);
      if (known === undefined) running.set(agent, { current: version, known: [version] });
      else if (known.current !== version) turn(known, version, time);
    },
    changeOf: (agent, time) => {
      const change = running.get(agent)?.change;
      return change !== undefined && time >= change.at && time - change.at < explainsMs ? change : undefined;
    },
    forget: (agent) => {
      running.delete(agent);
    },
    save: (state) => state.value('running', [...running]),
    restore: (state) => {
      running.clear();
      for (const [agent, saved] of (state.value('running') ?? []) as [number, Running][])
        running.set(agent, saved);
    },
  };
}

/** Instances of one agent run side by side for a while: only what none of them ran before is a change. */
function turn(running: Running, version: string, time: number): void {
  if (!running.known.includes(version)) {
    running.change = { from: running.current, to: version, at: time };
    running.known.push(version);
    if (running.known.length > knownMax) running.known.shift();
  }
  running.current = version;
}
