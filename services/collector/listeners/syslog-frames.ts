/** Bytes of one message; RFC 5425 asks for at least 8192, and rsyslog allows 64 KiB and more by configuration. */
export const messageBytesMax = 1024 * 1024;

const lineFeed = 10;

/** Cuts a stream into messages. */
export interface SyslogFrames {
  /** Takes the next bytes and gives back the messages that are whole now. */
  readonly push: (bytes: Buffer) => readonly Buffer[];
  /** What is left when the sender pauses or closes: some senders end a message with nothing at all. */
  readonly flush: () => readonly Buffer[];
  /** Bytes that are held. */
  readonly held: () => number;
}

/**
 * Frames of a syslog stream, told apart message by message: a digit begins octet counting (`LEN SP MSG`), everything
 * else ends with a line feed, or with the NUL that some senders write instead. A message beyond `messageBytesMax` is cut there and goes on as another.
 *
 * @source RFC 6587, 3.4; RFC 5425, 4.3
 */
export function createSyslogFrames(): SyslogFrames {
  let rest: Buffer = Buffer.alloc(0);
  // Where the next message begins in `rest`, and how far a line feed was looked for in vain, so that a long message is
  // not looked through for each packet.
  let at = 0;
  let searched = 0;
  let mayHoldNul = false;
  const take = (start: number, end: number, next: number): Buffer => {
    at = next;
    searched = next;
    return rest.subarray(start, end);
  };
  const nextMessage = (): Buffer | undefined => {
    const counted = countOf(rest, at);
    if (counted.kind === 'incomplete') return undefined;
    if (counted.kind === 'octets') {
      const end = counted.start + counted.length;
      return rest.length < end ? undefined : take(counted.start, trimmedEnd(rest, counted.start, end), end);
    }
    const end = mayHoldNul ? trailerIn(rest, searched) : rest.indexOf(lineFeed, searched);
    if (end >= 0 && end - at <= messageBytesMax) return take(at, trimmedEnd(rest, at, end), end + 1);
    searched = rest.length;
    const cut = at + messageBytesMax;
    return rest.length >= cut ? take(at, cut, cut) : undefined;
  };
  return {
    push: (bytes) => {
      rest = at === rest.length ? bytes : Buffer.concat([rest.subarray(at), bytes]);
      searched = Math.max(0, searched - at);
      mayHoldNul = rest.includes(0);
      at = 0;
      const messages: Buffer[] = [];
      for (let message = nextMessage(); message !== undefined; message = nextMessage()) {
        if (message.length > 0) messages.push(message);
        if (at === rest.length) break;
      }
      return messages;
    },
    flush: () => {
      const message = take(at, trimmedEnd(rest, at, rest.length), rest.length);
      return message.length === 0 ? [] : [message];
    },
    held: () => rest.length - at,
  };
}

/** Position of the first line feed or NUL from `from` on; -1 without. */
function trailerIn(bytes: Buffer, from: number): number {
  const line = bytes.indexOf(lineFeed, from);
  const nul = (line < 0 ? bytes : bytes.subarray(0, line)).indexOf(0, from);
  return nul < 0 ? line : nul;
}

type Count =
  | { readonly kind: 'octets'; readonly start: number; readonly length: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'none' };

const digitsMax = String(messageBytesMax).length;

function countOf(bytes: Buffer, at: number): Count {
  let length = 0;
  for (let i = 0; i <= digitsMax; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return i === 0 ? none : { kind: 'incomplete' };
    if (byte === 32 && i > 0 && length > 0 && length <= messageBytesMax) {
      return { kind: 'octets', start: at + i + 1, length };
    }
    if (byte < 48 || byte > 57) return none;
    length = length * 10 + byte - 48;
  }
  return none;
}

const none: Count = { kind: 'none' };

/** rsyslog counts the line feed of an octet-counted message in; a carriage return belongs to the line's end. */
function trimmedEnd(bytes: Buffer, start: number, end: number): number {
  let last = end;
  while (last > start && (bytes[last - 1] === lineFeed || bytes[last - 1] === 13 || bytes[last - 1] === 0))
    last -= 1;
  return last;
}
