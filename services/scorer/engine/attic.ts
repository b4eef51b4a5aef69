import { putNewest } from '#shared/put-newest.ts';

/** What was packed of one agent or edge when there was no room for it. */
export interface Stored {
  readonly key: string;
  /** Event time of its space when it was stored, UTC ms. */
  readonly time: number;
  readonly bytes: Uint8Array;
}

/**
 * Where baselines wait that there is no room for. The engine's one way out of memory: it is synchronous, and what it
 * answers follows from the log alone, as all of the engine does. Whoever returns finds what was stored before its
 * return in event time, so that a replay after a crash finds what the first run did; what has returned is therefore
 * not taken out. Beyond its limit the oldest is dropped.
 */
export interface Attic {
  /** Stores all of it, or throws. */
  put(items: readonly Stored[]): void;
  /** The newest that was stored under a key by a moment of event time. */
  get(key: string, time: number): Uint8Array | undefined;
  /** Nothing was ever stored: nobody need be looked for. */
  readonly isEmpty: boolean;
}

/** Versions of one key that are kept: a replay from the snapshot before meets the older one. */
const versionsMax = 2;

/** One version in, the oldest out; newest first. A version of the same moment is replaced: it is a replay's. */
export function withVersion<T extends { readonly time: number }>(
  versions: readonly T[],
  added: T,
): readonly T[] {
  const others = versions.filter(({ time }) => time !== added.time);
  return [...others, added].sort((a, b) => b.time - a.time).slice(0, versionsMax);
}

/**
 * An attic in memory: for a run over a recording, which ends with its process.
 *
 * @param itemsMax agents and edges; beyond it those stored first are dropped
 */
export function createMemoryAttic(itemsMax: number): Attic {
  const items = new Map<string, readonly Stored[]>();
  return {
    put: (added) => {
      for (const item of added) {
        const versions = withVersion(items.get(item.key) ?? [], item);
        putNewest(items, item.key, versions, itemsMax);
      }
    },
    get: (key, time) => items.get(key)?.find((item) => item.time <= time)?.bytes,
    get isEmpty() {
      return items.size === 0;
    },
  };
}
