import type { IncomingHttpHeaders } from 'node:http';

/** Collects the beginning of a body that passes by, so that its messages can be read afterwards. */
export interface Capture {
  readonly add: (chunk: Buffer) => void;
  /** The bytes that passed, kept or not. */
  readonly bytes: () => number;
  /**
   * JSON-RPC messages, or whatever else the JSON of the body is; `undefined` where it is no JSON or longer than what
   * is kept.
   */
  readonly messages: (headers: IncomingHttpHeaders) => unknown;
}

/** @param bytesMax bytes that are kept; a longer body is counted, and not read */
export function createCapture(bytesMax: number): Capture {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    add: (chunk) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else chunks.length = 0;
    },
    bytes: () => bytes,
    messages: (headers) => {
      if (bytes === 0 || bytes > bytesMax) return undefined;
      const text = Buffer.concat(chunks).toString('utf8');
      const isStream = headers['content-type']?.startsWith('text/event-stream') === true;
      return isStream ? streamMessages(text) : parse(text);
    },
  };
}

/**
 * The JSON in the `data` lines of a server-sent event stream.
 *
 * @source https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
function streamMessages(text: string): readonly unknown[] {
  return text
    .split(/\r?\n\r?\n|\r\r/)
    .map((block) => block.split(/\r?\n|\r/).filter((line) => line.startsWith('data:')))
    .map((lines) => parse(lines.map((line) => line.slice('data:'.length)).join('\n')))
    .filter((message) => message !== undefined);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON: what passed is then known by its headers only
  }
}
