import type { Visit } from '../baseline/belongings.ts';
import type { StateReader, StateWriter } from '../state.ts';

/** A part of a rule's memory: bounded, saved and restored with it. */
export interface RuleMemory {
  readonly name: string;
  /** What is stored with an agent or edge that there is no room for, and comes back with it. */
  agentBelongings?(agent: number, visit: Visit): void;
  edgeBelongings?(edge: number, visit: Visit): void;
  /** What does not come back. */
  forgetAgent?(agent: number): void;
  forgetEdge?(edge: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}
