/** Texts by the bytes that they were read from. */
export interface TextMemo {
  /** The UTF-8 text of `bytes` from `start` to `end`. */
  readonly read: (bytes: Buffer, start: number, end: number) => string;
}

const slotsMask = 1023; // as many slots; a text that meets another one takes its place
const bytesMax = 40;

/**
 * A memory for short texts: records have the same keys, names and words over and over, and looking one up takes a
 * fraction of the time of making it anew. Bounded; only the speed depends on it.
 */
export function createTextMemo(): TextMemo {
  const slots: (string | undefined)[] = [];
  return {
    read: (bytes, start, end) => {
      const length = end - start;
      if (length > bytesMax) return bytes.toString('utf8', start, end);
      let hash = length;
      let high = 0;
      for (let i = start; i < end; i += 1) {
        const byte = bytes[i] ?? 0;
        hash = (hash * 31 + byte) & slotsMask;
        high |= byte;
      }
      // Beyond ASCII a text has not as many characters as bytes, so that the two cannot be compared one by one.
      if (high > 0x7f) return bytes.toString('utf8', start, end);
      const known = slots[hash];
      if (known !== undefined && known.length === length && isText(bytes, start, known)) return known;
      const text = bytes.toString('latin1', start, end);
      slots[hash] = text;
      return text;
    },
  };
}

function isText(bytes: Buffer, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
