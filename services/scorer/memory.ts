import type { Visit } from './baseline/tables/belongings.ts';
import type { StateReader, StateWriter } from './state.ts';

/** What a detector, or a part of one, remembers of agents and edges: bounded, saved and restored with the engine. */
export interface Memory {
  /** Goes over all that belongs to an agent: to clear it, to store it where there is no room for it, to put it back. */
  agentBelongings?(agent: number, visit: Visit): void;
  edgeBelongings?(edge: number, visit: Visit): void;
  /** The slot is about to be given to another agent: nothing of the old one may remain, and this does not come back. */
  forgetAgent?(agent: number): void;
  forgetEdge?(edge: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}
