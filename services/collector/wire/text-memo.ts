/** Texts by the bytes that they were read from. */
export interface TextMemo {
  /** The UTF-8 text of `bytes` from `start` to `end`. */
  readonly read: (bytes: Buffer, start: number, end: number) => string;
}

const slotsMax = 4096; // a text that meets another one takes its place
const bytesMax = 31; // names and words; a trace id never comes again
const hashFactor = 0x01000193; // FNV's prime

/**
 * A memory for short texts: records have the same keys, names and words over and over, and looking one up takes a
 * fraction of the time of making it anew. Bounded; only the speed depends on it.
 */
export function createTextMemo(): TextMemo {
  let slots: (string | undefined)[] = [];
  return {
    read: (bytes, start, end) => {
      const length = end - start;
      if (length > bytesMax) return bytes.toString('utf8', start, end);
      let hash = length;
      let high = 0;
      for (let i = start; i < end; i += 1) {
        const byte = bytes[i] ?? 0;
        hash = (Math.imul(hash, hashFactor) + byte) | 0;
        high |= byte;
      }
      // Beyond ASCII a text has not as many characters as bytes, so that the two cannot be compared one by one.
      if (high > 0x7f) return bytes.toString('utf8', start, end);
      if (slots.length === 0) slots = new Array(slotsMax);
      const slot = (hash ^ (hash >>> 15)) & (slotsMax - 1);
      const known = slots[slot];
      if (known !== undefined && known.length === length && isText(bytes, start, known)) return known;
      const text = bytes.toString('latin1', start, end);
      slots[slot] = text;
      return text;
    },
  };
}

function isText(bytes: Buffer, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
