import type { StateReader, StateWriter } from '../state.ts';

/** A part of a rule's memory: bounded, saved and restored with it. */
export interface RuleMemory {
  readonly name: string;
  forgetAgent?(agent: number): void;
  forgetEdge?(edge: number): void;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}
