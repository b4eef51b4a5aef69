import type { Static } from 'typebox';
import type { storeSettings } from './settings.ts';
import type { Store } from './store.ts';

type StoreSettings = Static<typeof storeSettings>;
type DaysSetting = Extract<keyof StoreSettings, `${string}_days`>;

/** From when the age of a table's rows counts, and which setting says how many days they stay. */
interface Retention {
  readonly table: string;
  readonly since: string;
  readonly days: DaysSetting;
}

// `edges` and `agents` have none: one row for each that was ever seen, which is how "first seen" is known.
const retentions: readonly Retention[] = [
  { table: 'events', since: "toDateTime(intDiv(received_at, 1000), 'UTC')", days: 'events_days' },
  { table: 'edges_minute', since: 'received_on', days: 'rollups_days' },
  { table: 'agents_minute', since: 'received_on', days: 'rollups_days' },
  { table: 'signals', since: 'recorded_at', days: 'signals_days' },
  { table: 'alerts', since: 'recorded_at', days: 'alerts_days' },
  { table: 'alert_history', since: 'recorded_at', days: 'alerts_days' },
  { table: 'sources_minute', since: "toDateTime(intDiv(minute, 1000), 'UTC')", days: 'rejects_days' },
  { table: 'rejects', since: "toDateTime(intDiv(time, 1000), 'UTC')", days: 'rejects_days' },
  { table: 'deliveries', since: "toDateTime(intDiv(time, 1000), 'UTC')", days: 'deliveries_days' },
];

/**
 * Makes the tables keep their rows for as many days as the settings say. A table that already does is left alone:
 * changing a time to live makes the engine look through every part.
 */
export async function applyRetention(store: Store, settings: StoreSettings): Promise<void> {
  const tables = await store.query<{ name: string; create_table_query: string }>({
    sql: 'SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()',
  });
  const definitions = new Map(tables.map((table) => [table.name, table.create_table_query]));
  for (const { table, since, days } of retentions) {
    const interval = `toIntervalDay(${settings[days]})`;
    if (definitions.get(table)?.includes(interval) === true) continue;
    await store.command({ sql: `ALTER TABLE ${table} MODIFY TTL ${since} + ${interval}` });
  }
}
