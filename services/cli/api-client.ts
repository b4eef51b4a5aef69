import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AppError, messageOf } from '#shared/errors.ts';
import { settingsOf } from './options.ts';

/** How a command line talks to a running Amiss. */
export interface ApiClient {
  /** Asks; `path` is below `/api/v1`. The answer is JSON, or text for another `accept`. */
  get<T>(path: string, accept?: string): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
}

interface ClientOptions {
  readonly api?: string;
  readonly token?: string;
}

// A what-if over a month of events is the longest question there is.
const answerMsMax = 120_000;

/** Adds the options that every command needs that talks to a running Amiss. */
export function withApiOptions(command: Command): Command {
  return command
    .option('--api <url>', 'address of the API (AMISS_API; the configured listener otherwise)')
    .option('--token <token>', 'API token (AMISS_TOKEN; admin-token in the data folder otherwise)');
}

/** Where the running Amiss is that the options of a command mean, and the token that it takes. */
export function apiAddressOf(command: Command): { readonly url: string; readonly token: string } {
  const options = command.optsWithGlobals<ClientOptions>();
  const settings = settingsOf(command);
  const url = options.api ?? process.env['AMISS_API'] ?? `http://${settings.listen}`;
  const token = options.token ?? process.env['AMISS_TOKEN'] ?? readToken(join(settings.data, 'admin-token'));
  return { url, token };
}

/** The client that the options of a command ask for. */
export function apiClientOf(command: Command): ApiClient {
  const { url: base, token } = apiAddressOf(command);
  const call = async <T>(method: string, path: string, accept: string, body?: unknown): Promise<T> => {
    const url = new URL(`/api/v1${path}`, base);
    const headers = {
      accept,
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const init = { method, headers, redirect: 'manual' as const, signal: AbortSignal.timeout(answerMsMax) };
    let response: Response;
    try {
      response = await fetch(url, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    } catch (error) {
      const reason = messageOf((error as { cause?: unknown }).cause ?? error);
      throw new AppError(
        'USAGE',
        `no API answers at ${base} (${reason}); is "amiss up" running? Name another with --api`,
      );
    }
    const text = await response.text();
    if (!response.ok)
      throw new AppError('USAGE', `${method} ${url.pathname}: ${response.status} ${detailOf(text)}`);
    return (accept === 'application/json' ? JSON.parse(text) : text) as T;
  };
  return {
    get: (path, accept = 'application/json') => call('GET', path, accept),
    send: (method, path, body) => call(method, path, 'application/json', body),
  };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new AppError(
      'USAGE',
      `there is no token: neither --token nor AMISS_TOKEN is set, and ${path} cannot be read`,
    );
  }
}

function detailOf(problem: string): string {
  try {
    return String((JSON.parse(problem) as { detail?: unknown }).detail ?? problem);
  } catch {
    return problem.slice(0, 300);
  }
}
