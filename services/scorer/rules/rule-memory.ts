import type { Memory } from '../memory.ts';

/** A part of a rule's memory. */
export interface RuleMemory extends Memory {
  /** Under which it is saved, apart from the rule's other parts. */
  readonly name: string;
}
