import type { StateReader, StateWriter } from '../../state.ts';

/** Texts by small integers: actions, resources and whatever else baselines are kept of. */
export interface Names {
  /** The number of a text; a new one is made while there is room, then 0 stands for all the rest. */
  intern(text: string): number;
  /** The number of a text that was interned, else -1. */
  find(text: string): number;
  text(name: number): string;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** What the name 0 stands for: everything that came when the table was full. */
export const otherName = 0;

/**
 * @param key under which the table is saved
 * @param namesMax how many texts are told apart
 */
export function createNames(key: string, namesMax: number): Names {
  let texts = ['(other)'];
  let slots = new Map<string, number>();
  return {
    intern: (text) => {
      const known = slots.get(text);
      if (known !== undefined) return known;
      if (texts.length >= namesMax) return otherName;
      slots.set(text, texts.length);
      return texts.push(text) - 1;
    },
    find: (text) => slots.get(text) ?? (texts.length >= namesMax ? otherName : -1),
    text: (name) => texts[name] ?? '',
    save: (state) => state.value(key, texts),
    restore: (state) => {
      texts = (state.value(key) ?? ['(other)']) as string[];
      slots = new Map(texts.map((text, slot) => [text, slot]));
      slots.delete('(other)');
    },
  };
}
