import type { AgentKind } from '../event.ts';
import type { FactOrigin } from './declaration.ts';

/** Something known of an agent, and from whom. */
export interface Fact<T> {
  readonly value: T;
  readonly origin: FactOrigin;
}

/** A version that an agent was seen to run. */
export interface VersionSeen {
  readonly version: string;
  /** UTC ms, event time. */
  readonly first_seen: number;
  readonly last_seen: number;
}

/** Everything known of one agent, as the API gives it out: the most trusted origin's word for each fact. */
export interface RegisteredAgent {
  readonly id: string;
  readonly space: string;
  /** Has anybody declared or imported it? If not, it is only seen: a shadow agent. */
  readonly is_registered: boolean;
  readonly is_retired: boolean;
  readonly kind: Fact<AgentKind> | null;
  readonly owner: Fact<string> | null;
  readonly zone: Fact<string> | null;
  readonly peer_group: Fact<string> | null;
  readonly identities: readonly Fact<string>[];
  readonly shippers: readonly Fact<string>[];
  readonly packages: readonly Fact<string>[];
  readonly tools: readonly Fact<string>[];
  readonly labels: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly versions: readonly VersionSeen[];
  /** UTC ms, event time; `null` when it was declared and never seen. */
  readonly first_seen: number | null;
  readonly last_seen: number | null;
}
