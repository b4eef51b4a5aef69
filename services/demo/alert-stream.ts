import type { Alert } from '#shared/alert.ts';
import { AppError } from '#shared/errors.ts';

// An alert is some kilobytes; a line beyond this is not one.
const lineCharactersMax = 1_000_000;

/**
 * Opens the API's stream of alerts: resolves once it is open, so that no later alert is missed.
 *
 * @param options.onAlert told each alert, and each later revision of one
 * @returns `ended` resolves when the signal has ended the stream, and rejects when anything else does
 * @throws {AppError} UNAUTHORIZED where the API does not take the token, NOT_FOUND where it refuses otherwise
 */
export async function openAlerts(options: {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly onAlert: (alert: Alert) => void;
}): Promise<{ readonly ended: Promise<void> }> {
  const { url, token, signal, onAlert } = options;
  const address = new URL('/api/v1/alerts/stream', url);
  const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
  const response = await fetch(address, { headers, signal });
  const { body } = response;
  if (!response.ok || body === null) {
    const code = response.status === 401 ? 'UNAUTHORIZED' : 'NOT_FOUND';
    throw new AppError(code, `${address} said ${response.status} ${await response.text()}`);
  }
  const read = async () => {
    try {
      const text = body.pipeThrough(new TextDecoderStream());
      for await (const data of eventData(text)) onAlert(JSON.parse(data) as Alert);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (!signal.aborted) throw new AppError('STATE_INVALID', 'the stream of alerts ended');
  };
  return { ended: read() };
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
