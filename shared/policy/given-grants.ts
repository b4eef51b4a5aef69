import type { Decision } from '../decision.ts';
import { grantsOfRoles, type RoleList, roleListOf } from '../registry/role-list.ts';
import type { Grant, Policy } from './policy.ts';

/** A right, and who says that it was given: `policy`, or the name of a role list. */
export interface GivenGrant extends Grant {
  readonly from: string;
}

/** Rights of one space that are held against what is used; beyond them the rest of the lists is left out. */
const grantsMax = 200_000;

/** All rights that were given, by policies and by role lists. */
export interface GivenGrants {
  /** The role lists in force, by the key of their decision. */
  readonly lists: ReadonlyMap<string, RoleList>;
  /** Takes a decision `roles/SPACE/NAME` in; `undefined` takes the one of this key back. Other kinds are ignored. */
  decide(key: string, decision: Decision | undefined): void;
  /** The rights of a space: those of its policy first, then those of its role lists in the order of arrival. */
  of(space: string, policy: Policy): readonly GivenGrant[];
}

export function createGivenGrants(): GivenGrants {
  const lists = new Map<string, RoleList>();
  const given = new Map<string, { readonly space: string; readonly grants: readonly GivenGrant[] }>();
  return {
    lists,
    decide: (key, decision) => {
      const list = decision === undefined ? undefined : roleListOf(decision);
      lists.delete(key);
      given.delete(key);
      if (decision === undefined || list === undefined) return;
      const grants = grantsOfRoles(list).map((grant) => ({ ...grant, from: list.name }));
      lists.set(key, list);
      given.set(key, { space: decision.space, grants });
    },
    of: (space, policy) => {
      const ofLists = [...given.values()].flatMap((one) => (one.space === space ? one.grants : []));
      return [...policy.grants.map((grant) => ({ ...grant, from: 'policy' })), ...ofLists].slice(
        0,
        grantsMax,
      );
    },
  };
}
