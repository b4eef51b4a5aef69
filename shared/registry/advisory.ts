import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { compareVersions } from './version.ts';

// Only what is read of the format is checked; the rest of a record is its database's own business.
const textMax = 512;
const text = Type.String({ maxLength: textMax });
const optional = Type.Optional;
const rangeSchema = Type.Object({
  type: Type.Enum(['SEMVER', 'ECOSYSTEM', 'GIT']),
  events: Type.Array(
    Type.Object({ introduced: optional(text), fixed: optional(text), last_affected: optional(text) }),
    { maxItems: 1024 },
  ),
});
const affectedSchema = Type.Object({
  package: optional(Type.Object({ ecosystem: optional(text), name: text })),
  ranges: optional(Type.Array(rangeSchema, { maxItems: 256 })),
  versions: optional(Type.Array(text, { maxItems: 8192 })),
});

/** An advisory in the Open Source Vulnerability format 1.7, as far as it is read here. */
const advisorySchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: textMax }),
  summary: optional(Type.String({ maxLength: 4096 })),
  withdrawn: optional(text),
  affected: Type.Array(affectedSchema, { maxItems: 1024 }),
});
export type Advisory = Static<typeof advisorySchema>;

/** An advisory that applies to a version. */
export interface Affected {
  readonly id: string;
  readonly summary: string | null;
  /** First version without the fault; `null` where there is none yet. */
  readonly fixed: string | null;
}

/** The value as an advisory; `undefined` when it is none. */
export function parseAdvisory(value: unknown): Advisory | undefined {
  return Check(advisorySchema, value) ? value : undefined;
}

/**
 * Does an advisory apply to a version of a package?
 *
 * @source OSV schema 1.7, "Evaluation": listed versions, else the ranges' events in order of version
 */
export function affectedBy(advisory: Advisory, packageName: string, version: string): Affected | undefined {
  if (advisory.withdrawn !== undefined) return undefined;
  for (const affected of advisory.affected) {
    if (affected.package?.name !== packageName) continue;
    const ranges = (affected.ranges ?? []).filter((range) => range.type !== 'GIT');
    const hit = ranges.find((range) => isWithin(range.events, version));
    if (hit === undefined && !(affected.versions ?? []).includes(version)) continue;
    const fixes = ranges.flatMap((range) => range.events.flatMap((event) => event.fixed ?? []));
    const fixed = fixes.filter((fix) => compareVersions(fix, version) > 0).sort(compareVersions)[0];
    return { id: advisory.id, summary: advisory.summary ?? null, fixed: fixed ?? null };
  }
  return undefined;
}

type RangeEvents = readonly {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly last_affected?: string;
}[];

function isWithin(events: RangeEvents, version: string): boolean {
  let isAffected = false;
  for (const { at, kind } of inOrder(events)) {
    const order = at === '0' ? 1 : compareVersions(version, at);
    if (kind === 'introduced' && order >= 0) isAffected = true;
    if (kind === 'fixed' && order >= 0) isAffected = false;
    if (kind === 'last_affected' && order > 0) isAffected = false;
  }
  return isAffected;
}

interface Step {
  readonly at: string;
  readonly kind: 'introduced' | 'fixed' | 'last_affected';
}

/** "0" stands before every version. */
function inOrder(events: RangeEvents): readonly Step[] {
  const steps = events.flatMap((event): readonly Step[] => {
    if (event.introduced !== undefined) return [{ at: event.introduced, kind: 'introduced' }];
    if (event.fixed !== undefined) return [{ at: event.fixed, kind: 'fixed' }];
    return event.last_affected === undefined ? [] : [{ at: event.last_affected, kind: 'last_affected' }];
  });
  return steps.toSorted((a, b) => {
    if (a.at === '0' || b.at === '0') return a.at === b.at ? 0 : a.at === '0' ? -1 : 1;
    return compareVersions(a.at, b.at);
  });
}
