import type { Intentions } from '../policy/intentions.ts';
import type { PostureEvidence } from './evidence.ts';
import type { Pillar, TenetId } from './principles.ts';

/** What a measure found: so many of so many are as they should be. */
interface Counted {
  readonly good: number;
  readonly of: number;
  /** The worst offenders by name, for the action; few. */
  readonly examples: readonly string[];
}

/** One thing that zero trust asks for and traffic shows. */
export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly tenets: readonly TenetId[];
  readonly pillar: Pillar;
  /** How much it counts, 1 to 3: what an attacker gains where it is missing. */
  readonly weight: 1 | 2 | 3;
  /** What `of` counts. */
  readonly unit: string;
  /** What to do where it is low. */
  readonly action: string;
  /** What to do, so that it can be measured at all. */
  readonly remedy: string;
  count(evidence: PostureEvidence, intentions: Intentions): Counted;
}

const examplesMax = 5;
const plainly = (good: number, of: number, examples: readonly string[] = []): Counted => ({
  good,
  of,
  examples: examples.slice(0, examplesMax),
});

/** Calls that the policy denies for one of these reasons and that nobody refused, by the edges that have most. */
function deniedEdgesOf({ whatIf }: PostureEvidence, ...kinds: readonly string[]): readonly string[] {
  return whatIf.edges
    .filter((edge) => edge.objections.some((kind) => kinds.includes(kind)))
    .map((edge) => `${edge.source} → ${edge.destination}`);
}

/** Every measure, in the order of the tenets. */
export const measures: readonly Measure[] = [
  {
    name: 'registered_agents',
    title: 'Agents that are known',
    tenets: [1, 5],
    pillar: 'devices',
    weight: 3,
    unit: 'agents',
    action: 'Register the agents that call without being known, or retire them',
    remedy: 'declare agents in the registry',
    count: ({ callers, unregistered }) =>
      plainly(callers.length - unregistered.length, callers.length, unregistered),
  },
  {
    name: 'zoned_calls',
    title: 'Calls whose zones are known',
    tenets: [1, 4],
    pillar: 'networks',
    weight: 2,
    unit: 'calls',
    action: 'Give every agent a zone in the registry, or let the shipper tell it',
    remedy: 'tell zones, in the registry or the logs',
    count: ({ matrix }) => plainly(matrix.calls - matrix.unzoned, matrix.calls),
  },
  {
    name: 'encrypted_calls',
    title: 'Calls that are encrypted',
    tenets: [2],
    pillar: 'networks',
    weight: 3,
    unit: 'calls',
    action: 'Encrypt the edges that still speak in the clear, then set `tls.plaintext: denied`',
    remedy: 'log tls_version, `none` for plaintext',
    count: (evidence) =>
      plainly(
        evidence.facts.calls_encrypted,
        evidence.facts.calls_with_tls,
        deniedEdgesOf(evidence, 'plaintext'),
      ),
  },
  {
    name: 'modern_tls',
    title: 'Encrypted calls over TLS 1.2 or newer',
    tenets: [2],
    pillar: 'networks',
    weight: 2,
    unit: 'encrypted calls',
    action: 'Raise `tls.version_min` to TLSv1.2 after upgrading the listed edges',
    remedy: 'log tls_version',
    count: (evidence) =>
      plainly(
        evidence.facts.calls_modern,
        evidence.facts.calls_encrypted,
        deniedEdgesOf(evidence, 'tls_version'),
      ),
  },
  {
    name: 'mutual_tls',
    title: 'Calls in which both ends prove who they are',
    tenets: [2, 6],
    pillar: 'identity',
    weight: 2,
    unit: 'calls',
    action: 'Give callers certificates, then set `tls.mtls: required`',
    remedy: 'log mtls',
    count: (evidence) =>
      plainly(evidence.facts.calls_mutual, evidence.facts.calls_with_mtls, deniedEdgesOf(evidence, 'mtls')),
  },
  {
    name: 'proven_callers',
    title: 'Calls whose caller proved who it is',
    tenets: [6],
    pillar: 'identity',
    weight: 3,
    unit: 'calls',
    action: 'Ask for an identity where calls are anonymous, then set `identity.anonymous: denied`',
    remedy: 'log auth_method, `none` for anonymous calls',
    count: (evidence) =>
      plainly(
        evidence.facts.calls_proven,
        evidence.facts.calls_with_identity,
        deniedEdgesOf(evidence, 'anonymous'),
      ),
  },
  {
    name: 'human_mfa',
    title: 'Calls of people with a second factor',
    tenets: [6],
    pillar: 'identity',
    weight: 3,
    unit: 'calls of people',
    action: 'Require a second factor of people: `identity.mfa_kinds: [human]`',
    remedy: 'log mfa, for callers of the kind human',
    count: (evidence) =>
      plainly(
        evidence.facts.human_calls_mfa,
        evidence.facts.human_calls_with_mfa,
        deniedEdgesOf(evidence, 'mfa'),
      ),
  },
  {
    name: 'short_tokens',
    title: 'Calls with short-lived tokens',
    tenets: [3],
    pillar: 'identity',
    weight: 2,
    unit: 'calls with tokens',
    action: 'Shorten the life of tokens, then set `tokens.life_minutes_max`',
    remedy: 'log token_issued_at and token_expires_at',
    count: ({ facts }) => plainly(facts.token_calls_short, facts.token_calls),
  },
  {
    name: 'live_tokens',
    title: 'Calls with tokens that had not expired',
    tenets: [3, 6],
    pillar: 'identity',
    weight: 3,
    unit: 'calls with tokens',
    action: 'Find the services that take expired tokens, and make them check `exp`',
    remedy: 'log token_expires_at',
    count: ({ facts }) => plainly(facts.token_calls - facts.token_calls_expired, facts.token_calls),
  },
  {
    name: 'used_grants',
    title: 'Grants that are used',
    tenets: [3],
    pillar: 'applications',
    weight: 2,
    unit: 'grants',
    action: 'Take back the grants that nobody used',
    remedy: 'list grants in the policy, or import role lists',
    count: ({ grants }) => {
      const unused = grants.filter((grant) => grant.last_used === null);
      return plainly(
        grants.length - unused.length,
        grants.length,
        unused.map((grant) => `${grant.agent} → ${grant.to.join(', ')}`),
      );
    },
  },
  {
    name: 'ruled_crossings',
    title: 'Crossings of zones that a rule speaks of',
    tenets: [4],
    pillar: 'networks',
    weight: 3,
    unit: 'pairs of zones',
    action: 'Write a rule for each crossing that is meant to be, then set `zones.default: denied`',
    remedy: 'tell zones, in the registry or the logs',
    count: ({ matrix, period }, intentions) => {
      const policy = intentions.policy(period.space);
      const isOpen = policy.policy.zones.default !== 'denied';
      const crossings = matrix.cells.filter((cell) => cell.from !== cell.to);
      const unruled = crossings.filter(({ from, to }) => {
        const call = { source_zone: from, destination_zone: to };
        return isOpen && policy.crossing(call).rule === null;
      });
      return plainly(
        crossings.length - unruled.length,
        crossings.length,
        unruled.map(({ from, to }) => `${from} → ${to}`),
      );
    },
  },
  {
    name: 'kept_policy',
    title: 'Calls that the policy allows',
    tenets: [4, 6],
    pillar: 'networks',
    weight: 3,
    unit: 'calls',
    action: 'Enforce the policy where forbidden calls still go through, with an export of it',
    remedy: 'write a policy, and send calls',
    count: ({ whatIf }) =>
      plainly(
        whatIf.calls - whatIf.newly_denied,
        whatIf.calls,
        whatIf.edges.map((edge) => `${edge.source} → ${edge.destination}`),
      ),
  },
  {
    name: 'patched_agents',
    title: 'Agents that run no outdated or vulnerable version',
    tenets: [5],
    pillar: 'devices',
    weight: 3,
    unit: 'agents',
    action: 'Patch the agents that are outdated or vulnerable',
    remedy: 'log source_version',
    count: ({ versions, versioned }) => {
      const bad = [
        ...new Set(versions.flatMap((finding) => (finding.kind === 'mixed' ? [] : [finding.agent]))),
      ];
      return plainly(versioned - bad.length, versioned, bad);
    },
  },
  {
    name: 'explained_calls',
    title: 'Calls that tell identity and encryption',
    tenets: [7],
    pillar: 'visibility',
    weight: 2,
    unit: 'facts',
    action: 'Let the logs tell who called and how it was encrypted',
    remedy: 'log auth_method and tls_version',
    count: ({ facts }) => plainly(facts.calls_with_identity + facts.calls_with_tls, 2 * facts.calls),
  },
  {
    name: 'bound_logs',
    title: 'Calls reported by an authenticated shipper',
    tenets: [7],
    pillar: 'visibility',
    weight: 1,
    unit: 'calls',
    action: 'Give each shipper a token or certificate of its own',
    remedy: 'ship with a token',
    count: ({ facts }) => plainly(facts.calls_shipped, facts.calls),
  },
  {
    name: 'handled_alerts',
    title: 'Alerts that somebody dealt with within a day',
    tenets: [7],
    pillar: 'automation',
    weight: 2,
    unit: 'alerts older than a day',
    action: 'Give each open alert a verdict, or lower the alert budget to what can be read',
    remedy: 'wait until there are alerts of more than a day',
    count: ({ facts }) => plainly(facts.alerts_dealt_with, facts.alerts_old),
  },
];
