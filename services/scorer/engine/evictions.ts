import { createHash } from 'node:crypto';
import { clearing, packed, unpack, type Visit } from '../baseline/tables/belongings.ts';
import type { Attic, Stored } from './attic.ts';

/** Whose numbers are stored: enough to find them again under other slots. */
interface Owner {
  readonly name: string;
  /** Event time of its space, UTC ms. */
  readonly time: number;
  readonly walk: (visit: Visit) => void;
}

/** Moves what belongs to agents and edges into the attic, and back when they return. */
interface Evictions {
  /** Stores what belongs to them, then clears it. */
  evict(owners: readonly Owner[]): void;
  /** Puts back what was stored of an owner that was just given slots. */
  welcome(owner: Owner): void;
  /** Owners that found their baseline again. */
  readonly returned: number;
}

export function createEvictions(attic: Attic): Evictions {
  let returned = 0;
  return {
    evict: (owners) => {
      attic.put(
        owners.map(({ name, time, walk }): Stored => ({ key: keyOf(name), time, bytes: packed(walk) })),
      );
      for (const { walk } of owners) walk(clearing);
    },
    welcome: ({ name, time, walk }) => {
      if (attic.isEmpty) return;
      const bytes = attic.get(keyOf(name), time);
      if (bytes !== undefined && unpack(bytes, walk)) returned += 1;
    },
    get returned() {
      return returned;
    },
  };
}

const keyBytes = 16; // names may be longer than keys may be; of 10^9 names no two will share one

function keyOf(name: string): string {
  return createHash('sha256').update(name).digest().toString('base64url', 0, keyBytes);
}
