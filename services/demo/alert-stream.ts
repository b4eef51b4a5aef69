import type { Alert } from '#shared/alert.ts';
import { AppError } from '#shared/errors.ts';

// An alert is some kilobytes; a line beyond this is not one.
const lineCharactersMax = 1_000_000;

/**
 * Follows the API's server-sent events of alerts until the signal ends it.
 *
 * @param onAlert told each alert, and each later revision of one
 * @throws {AppError} UNAUTHORIZED or NOT_FOUND where the API refuses, INPUT_INVALID where what comes is no stream
 */
export async function followAlerts(options: {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly onAlert: (alert: Alert) => void;
}): Promise<void> {
  const { url, token, signal, onAlert } = options;
  const address = new URL('/api/v1/alerts/stream', url);
  try {
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const response = await fetch(address, { headers, signal });
    if (!response.ok || response.body === null) {
      const code = response.status === 401 ? 'UNAUTHORIZED' : 'NOT_FOUND';
      throw new AppError(code, `${address} said ${response.status} ${await response.text()}`);
    }
    const text = response.body.pipeThrough(new TextDecoderStream());
    for await (const data of eventData(text)) onAlert(JSON.parse(data) as Alert);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * The data of each event of a stream, its lines joined.
 *
 * @source WHATWG HTML, 9.2.6 "Interpreting an event stream"
 */
export async function* eventData(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  let data: string[] = [];
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split(/\r\n|\n/);
    rest = lines.pop() ?? '';
    if (rest.length > lineCharactersMax) {
      throw new AppError(
        'INPUT_INVALID',
        `the stream of alerts has a line of over ${lineCharactersMax} characters`,
      );
    }
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      if (line !== '') continue;
      if (data.length > 0) yield data.join('\n');
      data = [];
    }
  }
}
