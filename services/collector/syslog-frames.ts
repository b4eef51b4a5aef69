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
 * else ends with a line feed. A message beyond `messageBytesMax` is cut there and goes on as another.
 *
 * @source RFC 6587, 3.4; RFC 5425, 4.3
 */
export function createSyslogFrames(): SyslogFrames {
  let rest: Buffer = Buffer.alloc(0);
  // How far a line feed was looked for in vain, so that a long message is not looked through for each packet.
  let searched = 0;
  const take = (end: number, next: number): Buffer => {
    const message = rest.subarray(0, end);
    rest = rest.subarray(next);
    searched = 0;
    return message;
  };
  const nextMessage = (): Buffer | undefined => {
    const counted = countOf(rest);
    if (counted.kind === 'incomplete') return undefined;
    if (counted.kind === 'octets') {
      const end = counted.start + counted.length;
      if (rest.length < end) return undefined;
      rest = rest.subarray(counted.start);
      return trimmed(take(counted.length, counted.length));
    }
    const end = rest.indexOf(lineFeed, searched);
    if (end >= 0 && end <= messageBytesMax) return trimmed(take(end, end + 1));
    searched = rest.length;
    return rest.length >= messageBytesMax ? take(messageBytesMax, messageBytesMax) : undefined;
  };
  return {
    push: (bytes) => {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const messages: Buffer[] = [];
      for (let message = nextMessage(); message !== undefined; message = nextMessage()) {
        if (message.length > 0) messages.push(message);
        if (rest.length === 0) break;
      }
      return messages;
    },
    flush: () => {
      if (rest.length === 0) return [];
      const message = trimmed(take(rest.length, rest.length));
      return message.length === 0 ? [] : [message];
    },
    held: () => rest.length,
  };
}

type Count =
  | { readonly kind: 'octets'; readonly start: number; readonly length: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'none' };

const digitsMax = String(messageBytesMax).length;

function countOf(bytes: Buffer): Count {
  let length = 0;
  for (let i = 0; i <= digitsMax; i += 1) {
    const byte = bytes[i];
    if (byte === undefined) return i === 0 ? { kind: 'none' } : { kind: 'incomplete' };
    if (byte === 32 && i > 0 && length > 0 && length <= messageBytesMax) {
      return { kind: 'octets', start: i + 1, length };
    }
    if (byte < 48 || byte > 57) return { kind: 'none' };
    length = length * 10 + byte - 48;
  }
  return { kind: 'none' };
}

/** rsyslog counts the line feed of an octet-counted message in; a carriage return belongs to the line's end. */
function trimmed(message: Buffer): Buffer {
  let end = message.length;
  while (end > 0 && (message[end - 1] === lineFeed || message[end - 1] === 13 || message[end - 1] === 0))
    end -= 1;
  return message.subarray(0, end);
}
