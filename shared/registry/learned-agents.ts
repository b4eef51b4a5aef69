import type { AgentKind } from '../event.ts';
import type { SqlParameters, Store } from '../store/store.ts';
import type { Sighting } from './registry.ts';

interface Row {
  readonly agent: string;
  readonly first_time: number;
  readonly last_time: number;
  readonly kind: AgentKind | null;
  readonly zone: string | null;
  readonly identities: readonly string[];
  readonly shippers: readonly string[];
}

interface VersionRow {
  readonly agent: string;
  readonly version: string;
  readonly first_time: number;
  readonly last_time: number;
}

/** Values of one fact that are read of one agent, as many as the registry keeps. */
const valuesMax = 16;

/** The agents of a page, or one alone, as SQL that names them. */
interface Which {
  readonly agents: string;
  readonly parameters: SqlParameters;
}

/**
 * What traffic says of the agents of a space, in the order of their ids.
 *
 * @param range.after ids after this one
 * @param range.limit agents at the most
 */
export function learnedAgents(
  store: Store,
  range: { readonly space: string; readonly after: string; readonly limit: number },
): Promise<readonly Sighting[]> {
  const agents = `SELECT agent FROM agents WHERE space = {space:String} AND agent > {after:String}
    GROUP BY agent ORDER BY agent LIMIT {limit:UInt32}`;
  return sightings(store, range.space, { agents, parameters: { ...range } });
}

/** What traffic says of one agent; nothing where it was never seen. */
export function learnedAgent(store: Store, space: string, agent: string): Promise<readonly Sighting[]> {
  return sightings(store, space, { agents: '{agent:String}', parameters: { space, agent } });
}

async function sightings(store: Store, space: string, which: Which): Promise<readonly Sighting[]> {
  const { agents, parameters } = which;
  const [rows, versions] = await Promise.all([
    store.query<Row>({
      sql: `
        SELECT toString(end.1) AS agent, min(time) AS first_time, max(time) AS last_time,
          argMaxIf(end.2, time, end.2 IS NOT NULL) AS kind, argMaxIf(end.3, time, end.3 IS NOT NULL) AS zone,
          groupUniqArrayIf(${valuesMax})(assumeNotNull(auth_subject), end.4 AND auth_subject IS NOT NULL) AS identities,
          groupUniqArrayIf(${valuesMax})(assumeNotNull(shipper), shipper IS NOT NULL) AS shippers
        FROM events
        ARRAY JOIN [
          (source, source_kind, source_zone, true), (destination, destination_kind, destination_zone, false)
        ] AS end
        WHERE space = {space:String} AND end.1 IN (${agents})
        GROUP BY agent ORDER BY agent`,
      parameters,
    }),
    store.query<VersionRow>({
      sql: `
        SELECT source AS agent, assumeNotNull(source_version) AS version, min(time) AS first_time, max(time) AS last_time
        FROM events WHERE space = {space:String} AND source IN (${agents}) AND source_version IS NOT NULL
        GROUP BY agent, version ORDER BY agent, last_time DESC LIMIT ${valuesMax} BY agent`,
      parameters,
    }),
  ]);
  return [
    ...rows.flatMap((row) => sightingsOf(space, row)),
    ...versions.flatMap((row) => sightingsOfVersion(space, row)),
  ];
}

/** First and last sighting, and one for each value of a fact. */
function sightingsOf(space: string, row: Row): readonly Sighting[] {
  const seen = { space, agent: row.agent };
  const at = { ...seen, time: row.last_time };
  return [
    { ...seen, time: row.first_time },
    { ...at, kind: row.kind ?? undefined, zone: row.zone ?? undefined },
    ...row.identities.map((identity) => ({ ...at, identity })),
    ...row.shippers.map((shipper) => ({ ...at, shipper })),
  ];
}

/** The first and the last call of a version: between them it ran. */
function sightingsOfVersion(
  space: string,
  { agent, version, first_time, last_time }: VersionRow,
): readonly Sighting[] {
  return [first_time, last_time].map((time) => ({ space, agent, version, time }));
}
