import { putNewest } from '#shared/put-newest.ts';
import type { StateReader, StateWriter } from '../../state.ts';

/** What is remembered of each running session: a few numbers by its key, the longest unused forgotten first. */
export interface Sessions {
  /** The numbers of a session that has not rested too long, else `undefined`. Changes nothing. */
  find(key: string, time: number): Float64Array | undefined;
  /** The numbers of a session, made anew (zeros) where it had rested too long. */
  open(key: string, time: number): Float64Array;
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

// Sessions at once; the longest unused gives way.
const sessionsMax = 16_384;

/**
 * @param key under which they are saved
 * @param options.fields how many numbers a session has
 * @param options.restMsMax a session that rests longer has ended
 */
export function createSessions(
  key: string,
  options: { readonly fields: number; readonly restMsMax: number },
): Sessions {
  // The last number of each is when it was last used.
  let sessions = new Map<string, Float64Array>();
  const isRunning = (session: Float64Array, time: number) =>
    time - (session[options.fields] ?? 0) <= options.restMsMax;
  return {
    find: (id, time) => {
      const session = sessions.get(id);
      return session !== undefined && isRunning(session, time) ? session : undefined;
    },
    open: (id, time) => {
      let session = sessions.get(id);
      if (session === undefined || !isRunning(session, time)) session = new Float64Array(options.fields + 1);
      session[options.fields] = Math.max(time, session[options.fields] ?? 0);
      putNewest(sessions, id, session, sessionsMax);
      return session;
    },
    save: (state) =>
      state.value(
        key,
        [...sessions].map(([id, session]) => [id, [...session]]),
      ),
    restore: (state) => {
      const saved = (state.value(key) ?? []) as [string, number[]][];
      sessions = new Map(saved.map(([id, numbers]) => [id, Float64Array.from(numbers)]));
    },
  };
}
