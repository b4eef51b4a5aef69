import type { AgentKind } from '../event.ts';
import type { Store } from '../store/store.ts';
import type { Sighting } from './registry.ts';

interface Row {
  readonly agent: string;
  readonly first_time: number;
  readonly last_time: number;
  readonly kind: AgentKind | null;
  readonly zone: string | null;
  readonly versions: readonly string[];
  readonly identities: readonly string[];
  readonly shippers: readonly string[];
}

/** Values of one fact that are read of one agent, as many as the registry keeps. */
const valuesMax = 16;

/**
 * What traffic says of the agents of a space, in the order of their ids.
 *
 * @param range.after ids after this one
 * @param range.limit agents at the most
 */
export async function learnedAgents(
  store: Store,
  range: { readonly space: string; readonly after: string; readonly limit: number },
): Promise<readonly Sighting[]> {
  const rows = await store.query<Row>({
    sql: `
      WITH page AS (
        SELECT agent FROM agents WHERE space = {space:String} AND agent > {after:String}
        GROUP BY agent ORDER BY agent LIMIT {limit:UInt32}
      )
      SELECT toString(end.1) AS agent, min(time) AS first_time, max(time) AS last_time,
        argMaxIf(end.2, time, end.2 IS NOT NULL) AS kind, argMaxIf(end.3, time, end.3 IS NOT NULL) AS zone,
        groupUniqArrayIf(${valuesMax})(assumeNotNull(source_version), end.4 AND source_version IS NOT NULL) AS versions,
        groupUniqArrayIf(${valuesMax})(assumeNotNull(auth_subject), end.4 AND auth_subject IS NOT NULL) AS identities,
        groupUniqArrayIf(${valuesMax})(assumeNotNull(shipper), shipper IS NOT NULL) AS shippers
      FROM events
      ARRAY JOIN [
        (source, source_kind, source_zone, true), (destination, destination_kind, destination_zone, false)
      ] AS end
      WHERE space = {space:String} AND end.1 IN page
      GROUP BY agent ORDER BY agent`,
    parameters: { ...range },
  });
  return rows.flatMap((row) => sightingsOf(range.space, row));
}

/** First and last sighting, and one for each value of a fact. */
function sightingsOf(space: string, row: Row): readonly Sighting[] {
  const seen = { space, agent: row.agent };
  const at = { ...seen, time: row.last_time };
  return [
    { ...seen, time: row.first_time },
    { ...at, kind: row.kind ?? undefined, zone: row.zone ?? undefined },
    ...row.versions.map((version) => ({ ...at, version })),
    ...row.identities.map((identity) => ({ ...at, identity })),
    ...row.shippers.map((shipper) => ({ ...at, shipper })),
  ];
}
