import type { Intentions } from '../policy/intentions.ts';
import type { Store } from '../store/store.ts';
import { type PostureFacts, postureFacts } from './facts.ts';
import { type LearnedMatrix, learnMatrix } from './learned-matrix.ts';
import type { Period } from './period.ts';
import { type GrantUse, grantUses, type Use, usesOf } from './privilege.ts';
import { currentVersions, type VersionFinding, versionFindings, versionsIn } from './versions.ts';
import { type WhatIf, whatIf } from './what-if.ts';

/** Where the policy sets no limit, a token of an hour counts as short-lived (RFC 9700, section 2.2). */
const lifeMinutesDefault = 60;

/** Everything that a posture is measured by: one period of one space. */
export interface PostureEvidence {
  readonly period: Period;
  readonly facts: PostureFacts;
  readonly matrix: LearnedMatrix;
  readonly whatIf: WhatIf;
  readonly grants: readonly GrantUse[];
  readonly versions: readonly VersionFinding[];
  /** Agents whose version is known. */
  readonly versioned: number;
  /** Agents that called. */
  readonly callers: readonly string[];
  readonly unregistered: readonly string[];
  readonly uses: readonly Use[];
}

/** Where evidence comes from. */
export interface EvidenceSources {
  readonly store: Store;
  readonly intentions: Intentions;
}

/**
 * Gathers the evidence of a period from the store, one question after another: an assessment may take a minute, and
 * must not take the store away from those who look at alerts.
 */
export async function gatherEvidence(
  { store, intentions }: EvidenceSources,
  period: Period,
  signal?: AbortSignal,
): Promise<PostureEvidence> {
  const { registry } = intentions;
  const policy = intentions.policy(period.space);
  const lifeMinutes = policy.policy.tokens.life_minutes_max || lifeMinutesDefault;
  const facts = await postureFacts(store, period, lifeMinutes, signal);
  const matrix = await learnMatrix(store, registry, period, signal);
  const judged = await whatIf(store, { policy, registry, period }, signal);
  const uses = await usesOf(store, period, signal);
  const versions = await versionsIn(store, period, signal === undefined ? {} : { signal });
  const callers = [...new Set(uses.map((use) => use.source))].sort();
  return {
    period,
    facts,
    matrix,
    whatIf: judged,
    grants: grantUses(intentions.grants(period.space), uses, period.to),
    versions: versionFindings(versions, intentions, period.space),
    versioned: currentVersions(versions).length,
    callers,
    unregistered: callers.filter((agent) => !registry.isRegistered(period.space, agent)),
    uses,
  };
}
