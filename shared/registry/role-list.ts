import { type Static, Type } from 'typebox';
import { Default } from 'typebox/value';
import type { Decision } from '../decision.ts';
import { eventLimits } from '../event.ts';
import type { Grant } from '../policy/policy.ts';
import { schemaFaults } from '../schema-faults.ts';

/** Limits of one list; with them its grants stay few enough to be held against what is used. */
export const roleListLimits = { rolesMax: 4096, bindingsMax: 16_384, patternsMax: 1024 } as const;

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: eventLimits.textCharactersMax, description });
const patterns = (description: string) =>
  Type.Array(text('`*` stands for any run of characters'), {
    minItems: 1,
    maxItems: roleListLimits.patternsMax,
    description,
  });
const strict = { additionalProperties: false } as const;

const roleSchema = Type.Object(
  {
    name: text('Name of the role'),
    grants: Type.Array(
      Type.Object(
        {
          to: patterns('Agents that may be called'),
          actions: { ...patterns('What may be called there'), default: ['*'] },
        },
        strict,
      ),
      { maxItems: roleListLimits.patternsMax },
    ),
  },
  strict,
);

const bindingSchema = Type.Object(
  {
    role: text('A role of this list'),
    agents: patterns('Who has it'),
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'Granted at, UTC ms' })),
  },
  strict,
);

/**
 * Who may do what, as the system that hands out rights says it: the body of a decision `roles/SPACE/NAME`. Importing
 * a list again replaces it, so that a right that was taken back there is gone here.
 */
const roleListSchema = Type.Object(
  {
    name: text('Name of the list, such as the system that it comes from'),
    origin: Type.Enum(['declared', 'kubernetes'], { default: 'declared' }),
    roles: Type.Array(roleSchema, { maxItems: roleListLimits.rolesMax }),
    bindings: Type.Array(bindingSchema, { maxItems: roleListLimits.bindingsMax }),
  },
  { ...strict, $id: 'RoleList' },
);
export type RoleList = Static<typeof roleListSchema>;

/** A role list, or what is wrong with it by key and remedy. */
export type ParsedRoleList =
  | { readonly ok: true; readonly list: RoleList }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Checks a role list from a file, a caller or a decision, and fills in what it leaves out. */
export function parseRoleList(value: unknown): ParsedRoleList {
  const candidate = Default(roleListSchema, structuredClone(value));
  const faults = schemaFaults(roleListSchema, candidate, 'roles');
  if (faults.length > 0) return { ok: false, faults };
  const list = candidate as RoleList;
  const unknown = unknownRoles(list);
  return unknown.length > 0 ? { ok: false, faults: unknown } : { ok: true, list };
}

function unknownRoles({ roles, bindings }: RoleList): readonly string[] {
  const names = new Set(roles.map(({ name }) => name));
  return bindings.flatMap(({ role }, i) =>
    names.has(role) ? [] : [`roles.bindings.${i}.role: there is no role "${role}" in this list; add it`],
  );
}

/** The key under which a list is kept: one for each space and name. */
export function roleListKey(space: string, list: Pick<RoleList, 'name'>): string {
  return `roles/${space}/${list.name}`;
}

/** What a decision of the kind `roles` lists; `undefined` when it is about something else or malformed. */
export function roleListOf(decision: Decision): RoleList | undefined {
  if (decision.kind !== 'roles') return undefined;
  const parsed = parseRoleList(decision.body);
  return parsed.ok ? parsed.list : undefined;
}

/** Every right that a list hands out: one for each agent of a binding and each grant of its role. */
export function grantsOfRoles({ roles, bindings }: RoleList): readonly Grant[] {
  const grantsOf = new Map(roles.map(({ name, grants }) => [name, grants]));
  return bindings.flatMap(({ role, agents, since }) =>
    agents.flatMap((agent) =>
      (grantsOf.get(role) ?? []).map((grant) => ({
        agent,
        ...grant,
        role,
        ...(since === undefined ? {} : { since }),
      })),
    ),
  );
}
