import type { Decision } from '../decision.ts';
import type { AgentKind } from '../event.ts';
import { compilePattern, compilePatterns, type Matcher } from '../policy/pattern.ts';
import type { Fact, RegisteredAgent, VersionSeen } from './agent.ts';
import { type Declaration, declarationOf, factOrigins } from './declaration.ts';

/** What traffic says of an agent. */
export interface Sighting {
  readonly space: string;
  readonly agent: string;
  /** UTC ms, event time. */
  readonly time: number;
  readonly kind?: AgentKind | undefined;
  readonly zone?: string | undefined;
  readonly version?: string | undefined;
  readonly identity?: string | undefined;
  readonly shipper?: string | undefined;
}

/** Limits of the registry; beyond `agentsMax` seen agents a new one is not kept, and `unkept` counts it. */
export const registryLimits = { agentsMax: 1_000_000, seenPerFactMax: 16 } as const;

/**
 * Every agent that was declared, imported or seen. Fed by decisions of the kind `agent` and by sightings, in any
 * order; holds no clock and does no I/O.
 */
export interface Registry {
  /** Takes a decision in; `undefined` takes the one of this key back. Other kinds are ignored. */
  decide(key: string, decision: Decision | undefined): void;
  see(sighting: Sighting): void;
  get(space: string, agent: string): RegisteredAgent | undefined;
  /** Has anybody declared or imported this agent, by id or by pattern? */
  isRegistered(space: string, agent: string): boolean;
  /** Was it declared to be heard of no more? */
  isRetired(space: string, agent: string): boolean;
  /** Has a person declared anything in this space? Without, nobody can be unregistered: imports come by themselves. */
  isUsed(space: string): boolean;
  zoneOf(space: string, agent: string): string | undefined;
  kindOf(space: string, agent: string): AgentKind | undefined;
  /** What identities, or shippers, were declared or imported for an agent; `undefined` where none were. */
  allowed(space: string, agent: string, what: 'identities' | 'shippers'): Matcher | undefined;
  /** What was declared or imported in a space, by the key of its decision. */
  declarations(space: string): ReadonlyMap<string, Declaration>;
  /** Every agent of a space that is known by its id, declared or seen, in the order of arrival. */
  list(space: string): readonly RegisteredAgent[];
  /** Agents that were seen and not kept, because the registry was full. */
  readonly unkept: number;
}

export function createRegistry(): Registry {
  const spaces = new Map<string, Space>();
  const declared = new Map<string, { readonly space: string; readonly declaration: Declaration }>();
  let agents = 0;
  let unkept = 0;
  const spaceOf = (name: string): Space => {
    const known = spaces.get(name) ?? {
      exact: new Map(),
      patterns: [],
      seen: new Map(),
      declared: 0,
      allowed: new Map(),
    };
    spaces.set(name, known);
    return known;
  };
  return {
    get unkept() {
      return unkept;
    },
    decide: (key, decision) => {
      const before = declared.get(key);
      if (before !== undefined) retract(spaceOf(before.space), before.declaration);
      declared.delete(key);
      const declaration = decision === undefined ? undefined : declarationOf(decision);
      if (decision === undefined || declaration === undefined) return;
      declared.set(key, { space: decision.space, declaration });
      declare(spaceOf(decision.space), declaration);
    },
    see: (sighting) => {
      const space = spaceOf(sighting.space);
      const known = space.seen.get(sighting.agent);
      if (known !== undefined) merge(known, sighting);
      else if (agents >= registryLimits.agentsMax) unkept += 1;
      else {
        agents += 1;
        space.seen.set(sighting.agent, newlySeen(sighting));
      }
    },
    get: (space, agent) => agentOf(space, agent, spaces.get(space)),
    isRegistered: (space, agent) => {
      const known = spaces.get(space);
      return known !== undefined && declarationsOf(known, agent).length > 0;
    },
    isRetired: (space, agent) => {
      const known = spaces.get(space);
      return (
        known !== undefined && declarationsOf(known, agent).some(({ is_retired }) => is_retired === true)
      );
    },
    isUsed: (space) => (spaces.get(space)?.declared ?? 0) > 0,
    zoneOf: (space, agent) => zoneOf(spaces.get(space), agent),
    kindOf: (space, agent) => kindOf(spaces.get(space), agent),
    allowed: (space, agent, what) => {
      const known = spaces.get(space);
      return known === undefined ? undefined : allowedIn(known, agent, what);
    },
    declarations: (space) =>
      new Map([...declared].flatMap(([key, one]) => (one.space === space ? [[key, one.declaration]] : []))),
    list: (name) => {
      const space = spaces.get(name);
      const ids = new Set([...(space?.exact.keys() ?? []), ...(space?.seen.keys() ?? [])]);
      return [...ids].flatMap((id) => agentOf(name, id, space) ?? []);
    },
  };
}

interface Space {
  /** By agent id, most trusted origin first. */
  readonly exact: Map<string, Declaration[]>;
  /** Longest pattern first: the narrowest word counts. */
  readonly patterns: { readonly declaration: Declaration; readonly matches: Matcher }[];
  readonly seen: Map<string, Seen>;
  /** Declarations by a person. */
  declared: number;
  /** Compiled lists by fact and agent, made when asked for; every declaration starts them anew. */
  readonly allowed: Map<string, Matcher | undefined>;
}

/** Compiled lists of one space that are kept ready. */
const allowedMax = 200_000;

interface Seen {
  firstSeen: number;
  lastSeen: number;
  kind: AgentKind | undefined;
  zone: string | undefined;
  readonly identities: Set<string>;
  readonly shippers: Set<string>;
  readonly versions: VersionSeen[];
}

function declare(space: Space, declaration: Declaration): void {
  space.allowed.clear();
  if (declaration.origin === 'declared') space.declared += 1;
  if (declaration.agent.includes('*')) {
    space.patterns.push({ declaration, matches: compilePattern(declaration.agent) });
    space.patterns.sort((a, b) => b.declaration.agent.length - a.declaration.agent.length);
    return;
  }
  const ofAgent = space.exact.get(declaration.agent) ?? [];
  ofAgent.push(declaration);
  ofAgent.sort((a, b) => factOrigins.indexOf(a.origin) - factOrigins.indexOf(b.origin));
  space.exact.set(declaration.agent, ofAgent);
}

function retract(space: Space, declaration: Declaration): void {
  space.allowed.clear();
  if (declaration.origin === 'declared') space.declared -= 1;
  const isOther = (other: Declaration) => other !== declaration;
  if (declaration.agent.includes('*')) {
    const kept = space.patterns.filter((pattern) => isOther(pattern.declaration));
    space.patterns.splice(0, space.patterns.length, ...kept);
    return;
  }
  const kept = (space.exact.get(declaration.agent) ?? []).filter(isOther);
  if (kept.length === 0) space.exact.delete(declaration.agent);
  else space.exact.set(declaration.agent, kept);
}

function allowedIn(space: Space, agent: string, what: 'identities' | 'shippers'): Matcher | undefined {
  const key = `${what} ${agent}`;
  if (space.allowed.has(key)) return space.allowed.get(key);
  if (space.allowed.size >= allowedMax) space.allowed.clear();
  const named = declarationsOf(space, agent).flatMap((declaration) => declaration[what] ?? []);
  const matcher = named.length === 0 ? undefined : compilePatterns(named);
  space.allowed.set(key, matcher);
  return matcher;
}

const nobody: readonly Declaration[] = [];

/** What is said of an agent, by its own id first, then by pattern. */
function declarationsOf(space: Space, agent: string): readonly Declaration[] {
  const own = space.exact.get(agent) ?? nobody;
  if (space.patterns.length === 0) return own;
  const wide = space.patterns.filter((pattern) => pattern.matches(agent));
  return wide.length === 0 ? own : [...own, ...wide.map((pattern) => pattern.declaration)];
}

function zoneOf(space: Space | undefined, agent: string): string | undefined {
  if (space === undefined) return undefined;
  const declaration = declarationsOf(space, agent).find((candidate) => candidate.zone !== undefined);
  return declaration?.zone ?? space.seen.get(agent)?.zone;
}

function kindOf(space: Space | undefined, agent: string): AgentKind | undefined {
  if (space === undefined) return undefined;
  const declaration = declarationsOf(space, agent).find((candidate) => candidate.kind !== undefined);
  return declaration?.kind ?? space.seen.get(agent)?.kind;
}

function agentOf(name: string, id: string, space: Space | undefined): RegisteredAgent | undefined {
  if (space === undefined) return undefined;
  const declarations = declarationsOf(space, id);
  const seen = space.seen.get(id);
  if (declarations.length === 0 && seen === undefined) return undefined;
  const first = <Name extends 'kind' | 'zone' | 'owner' | 'peer_group'>(
    fact: Name,
    learned?: NonNullable<Declaration[Name]>,
  ): Fact<NonNullable<Declaration[Name]>> | null => {
    for (const declaration of declarations) {
      const value = declaration[fact];
      if (value !== undefined && value !== null) return { value, origin: declaration.origin };
    }
    return learned === undefined ? null : { value: learned, origin: 'learned' };
  };
  const all = (fact: 'identities' | 'shippers' | 'packages' | 'tools', learned: Iterable<string> = []) => [
    ...declarations.flatMap((declaration) =>
      (declaration[fact] ?? []).map((value) => ({ value, origin: declaration.origin })),
    ),
    ...[...learned].map((value) => ({ value, origin: 'learned' as const })),
  ];
  return {
    id,
    space: name,
    is_registered: declarations.length > 0,
    is_retired: declarations.some((declaration) => declaration.is_retired === true),
    kind: first('kind', seen?.kind),
    owner: first('owner'),
    zone: first('zone', seen?.zone),
    peer_group: first('peer_group'),
    identities: all('identities', seen?.identities),
    shippers: all('shippers', seen?.shippers),
    packages: all('packages'),
    tools: all('tools'),
    labels: Object.assign({}, ...declarations.toReversed().map((declaration) => declaration.labels ?? {})),
    versions: [...(seen?.versions ?? [])],
    first_seen: seen?.firstSeen ?? null,
    last_seen: seen?.lastSeen ?? null,
  };
}

function newlySeen(sighting: Sighting): Seen {
  const seen: Seen = {
    firstSeen: sighting.time,
    lastSeen: sighting.time,
    kind: undefined,
    zone: undefined,
    identities: new Set(),
    shippers: new Set(),
    versions: [],
  };
  merge(seen, sighting);
  return seen;
}

function merge(seen: Seen, sighting: Sighting): void {
  seen.firstSeen = Math.min(seen.firstSeen, sighting.time);
  if (sighting.time >= seen.lastSeen) {
    seen.lastSeen = sighting.time;
    seen.kind = sighting.kind ?? seen.kind;
    seen.zone = sighting.zone ?? seen.zone;
  }
  addBounded(seen.identities, sighting.identity);
  addBounded(seen.shippers, sighting.shipper);
  if (sighting.version !== undefined) seeVersion(seen.versions, sighting.version, sighting.time);
}

function addBounded(values: Set<string>, value: string | undefined): void {
  if (value !== undefined && values.size < registryLimits.seenPerFactMax) values.add(value);
}

/** Newest last; of too many the oldest goes, because what runs now is what counts. */
function seeVersion(versions: VersionSeen[], version: string, time: number): void {
  const index = versions.findIndex((seen) => seen.version === version);
  const known = versions[index];
  if (known !== undefined) {
    versions[index] = {
      version,
      first_seen: Math.min(known.first_seen, time),
      last_seen: Math.max(known.last_seen, time),
    };
    return;
  }
  versions.push({ version, first_seen: time, last_seen: time });
  versions.sort((a, b) => a.first_seen - b.first_seen);
  if (versions.length > registryLimits.seenPerFactMax) versions.shift();
}
