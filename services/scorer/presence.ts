import type { attributeNames } from '#shared/attributes.ts';
import { type AmissEvent, eventFields } from '#shared/event.ts';

type AttributeName = (typeof attributeNames)[keyof typeof attributeNames];

/** What a detector looks for in an event: a field, or one of the attributes that Amiss reads. */
export type Need = keyof AmissEvent | AttributeName;

/** Which of the needs of all detectors an event has, as bits: looked up once, and not by every detector again. */
export interface Presence {
  /** The bits of which an event must have at least one; for somebody without needs, the bit that every event has. */
  bitsOf(needs: readonly Need[] | undefined): number;
  /** The bits of an event. */
  of(event: AmissEvent): number;
}

const always = 1;
const needsMax = 31; // bits of a small integer beside the one that is always set

/** @throws {RangeError} there are more than 31 different needs */
export function createPresence(all: readonly (readonly Need[] | undefined)[]): Presence {
  const needs = [...new Set(all.flatMap((some) => some ?? []))];
  if (needs.length > needsMax) throw new RangeError(`createPresence takes at most ${needsMax} needs`);
  const bitOf = (need: Need) => always << (needs.indexOf(need) + 1);
  const fields = needs.filter(isField).map((field) => ({ field, bit: bitOf(field) }));
  const attributes = needs.filter((need) => !isField(need)).map((name) => ({ name, bit: bitOf(name) }));
  return {
    bitsOf: (some) => (some === undefined ? always : some.reduce((bits, need) => bits | bitOf(need), 0)),
    of: (event) => {
      let bits = always;
      for (const { field, bit } of fields) if (event[field] !== undefined) bits |= bit;
      const named = event.attributes;
      if (named !== undefined)
        for (const { name, bit } of attributes) if (named[name] !== undefined) bits |= bit;
      return bits;
    },
  };
}

const fieldNames: ReadonlySet<string> = new Set(eventFields);

function isField(need: Need): need is keyof AmissEvent {
  return fieldNames.has(need);
}
