import type { Declaration, FactOrigin } from '../declaration.ts';
import type { RoleList } from '../role-list.ts';

/** What a file says of agents and of what they may do, and what of it was passed over. */
export interface Imported {
  readonly declarations: readonly Declaration[];
  readonly roleLists: readonly RoleList[];
  /** One sentence for each thing that says nothing here; never of what is merely of another kind. */
  readonly skipped: readonly string[];
}

export interface ImportWishes {
  /** Under which id a workload's calls are seen: `{namespace}`, `{name}` and `{label:app}` stand for its own. */
  readonly agent: string;
  /** Name of the role list that is read; a list that names itself keeps its name. */
  readonly name: string;
  /** UTC ms: what has expired by then is left out. */
  readonly now: number;
}

/** How agents or rights come from elsewhere: the plugin. Listed in `index.ts`. */
export interface RegistryImport {
  /** What command line and API call it. */
  readonly name: string;
  readonly summary: string;
  /** Where the form is described. */
  readonly source: string;
  /** Whose facts it brings: a complete import takes back those of the same origin that it no longer has. */
  readonly origin: Exclude<FactOrigin, 'learned'>;
  /**
   * Reads the documents of one file; lists (`kind: List`, `items`) are already taken apart. Never throws: what cannot
   * be read is skipped, with the reason.
   */
  read(documents: readonly unknown[], wishes: ImportWishes): Imported;
}
