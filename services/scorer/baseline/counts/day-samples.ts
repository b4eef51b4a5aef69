import type { StateReader, StateWriter } from '../../state.ts';

/** A few events of the running day of agents that are worth it, so that what is told of a day can show some. */
export interface DaySamples {
  /** An event of the agent. */
  note(owner: Owner, time: number, eventId: string): void;
  /** Ids of events of the agent's newest day, the oldest first. */
  of(owner: Owner): readonly string[];
  /** The day is over for those of whom it is said. */
  forget(isOver: (slot: number) => boolean): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Whose slot it is: a slot may get another owner. */
interface Owner {
  readonly slot: number;
  readonly agent: string;
}

/** Plain data: it is saved as JSON. */
interface Sample {
  readonly agent: string;
  readonly day: number;
  seen: number;
  readonly ids: string[];
}

const dayMs = 86_400_000;
const agentsMax = 1000; // at once: the first of the day

/** @param name under which they are saved */
export function createDaySamples(name: string): DaySamples {
  let samples = new Map<number, Sample>(); // by slot
  const find = ({ slot, agent }: Owner) => {
    const known = samples.get(slot);
    return known?.agent === agent ? known : undefined;
  };
  const open = ({ slot, agent }: Owner, day: number): Sample => {
    const sample: Sample = { agent, day, seen: 0, ids: [] };
    if (samples.has(slot) || samples.size < agentsMax) samples.set(slot, sample);
    return sample;
  };
  return {
    note: (owner, time, eventId) => {
      const day = Math.floor(time / dayMs);
      const known = find(owner);
      const sample = known === undefined || known.day < day ? open(owner, day) : known;
      if (sample.day > day) return; // late
      sample.seen += 1;
      // The first, the second, the fourth, ...: from all over the day, at the cost of its logarithm.
      if (Number.isInteger(Math.log2(sample.seen))) sample.ids.push(eventId);
    },
    of: (owner) => find(owner)?.ids ?? [],
    forget: (isOver) => {
      for (const slot of samples.keys()) if (isOver(slot)) samples.delete(slot);
    },
    save: (state) => state.value(name, [...samples]),
    restore: (state) => {
      samples = new Map((state.value(name) ?? []) as [number, Sample][]);
    },
  };
}
