import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { Create } from 'typebox/value';
import { systemClock } from '#shared/clock.ts';
import type { AmissEvent } from '#shared/event.ts';
import { silentLogger } from '#shared/logger.ts';
import { openStore } from '#shared/store/open.ts';
import { storeSettings } from '#shared/store/settings.ts';
import type { Store } from '#shared/store/store.ts';
import { ndjson, storeEvent } from './store-events.ts';

/** A real store in a folder of its own, and a way to put events into it. */
export async function postureStore(): Promise<{
  readonly store: Store;
  readonly put: (events: readonly Partial<AmissEvent>[]) => Promise<void>;
  readonly close: () => Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'amiss-posture-'));
  const settings = Create(storeSettings) as Static<typeof storeSettings>;
  const store = await openStore({ ...settings, kind: 'chdb' }, folder, systemClock, silentLogger);
  let count = 0;
  return {
    store,
    put: async (events) => {
      const rows = ndjson(
        events.map((event) => {
          count += 1;
          return storeEvent(count, event);
        }),
      );
      await store.insert({ table: 'events', rows, token: `posture/${count}` });
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
