import { hash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { putNewest } from '#shared/put-newest.ts';

/** Requests that are remembered; beyond it the oldest is forgotten, and its repeat is found in the store. */
const requestsMax = 10_000;

export interface Idempotency<T> {
  /**
   * Does the work of a request once: a repeat with the same id gets the same result.
   *
   * @param content of the request; another one under the same id is refused
   * @throws {AppError} CONFLICT: the id stands for other content
   */
  once(id: string, content: string, work: () => Promise<T>): Promise<T>;
}

/** Remembers the newest requests of this process. */
export function createIdempotency<T>(): Idempotency<T> {
  const known = new Map<string, { readonly digest: string; readonly result: Promise<T> }>();
  return {
    once: (id, content, work) => {
      const digest = hash('sha256', content);
      const before = known.get(id);
      if (before !== undefined) {
        if (before.digest !== digest) throw conflict();
        return before.result;
      }
      const result = work();
      putNewest(known, id, { digest, result }, requestsMax);
      result.catch(() => known.delete(id)); // a failure is not remembered: its repeat shall succeed
      return result;
    },
  };
}

export function conflict(): AppError {
  return new AppError('CONFLICT', 'this Idempotency-Key was used for another request; take a new one');
}

/** The id of what a caller makes under a key of its own: a UUIDv8, the same for a repeat. */
export function repeatableIdOf(caller: string, key: string): string {
  const digest = hash('sha256', `${caller}\u0000${key}`);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
