import type { Decision } from '#shared/decision.ts';
import type { Declaration } from '#shared/registry/declaration.ts';
import type { SimulatedAgent } from './agent.ts';
import { issuer, subjectOf, tokenAlgorithm } from './call.ts';
import { renewedNames } from './renewal.ts';

/**
 * What the owner of the network would write: who may speak with whom, how tokens and transport must be. What goes out
 * to the Internet is not limited, as in most networks: an exfiltration is the matter of statistics.
 */
const policy = {
  version: 1,
  zones: {
    default: 'denied',
    rules: [
      ['office', 'dmz'],
      ['internet', 'dmz'],
      ['devices', 'dmz'],
      ['dmz', 'app'],
      ['app', 'data'],
      ['*', 'internet'],
    ].map(([from, to]) => ({ from: [from], to: [to], verdict: 'allowed' })),
  },
  identity: { anonymous: 'denied', mfa_kinds: ['human'] },
  tokens: { life_minutes_max: 120, issuers: [issuer], algorithms: [tokenAlgorithm] },
  tls: { plaintext: 'denied', version_min: 'TLSv1.2' },
} as const;

const space = 'default';
const by = 'simulator';

/**
 * The policy of a network and the registry of its agents, as decisions: what a detector may know before the first
 * event. The world outside is in no registry.
 *
 * @param options.time when they were decided, UTC ms
 * @param options.isRenewed whether agents are replaced by newcomers, whose names are declared, too
 */
export function decisionsOf(
  agents: readonly SimulatedAgent[],
  { time, isRenewed }: { readonly time: number; readonly isRenewed: boolean },
): readonly Decision[] {
  const decide = (kind: string, key: string, body: unknown): Decision => ({
    id: `${by}/${key}`,
    key,
    kind,
    time,
    space,
    by,
    reason: 'the simulated network as its owner means it',
    body,
  });
  const own = agents.filter((agent) => agent.kind !== 'external').map(declarationOf);
  const declared = isRenewed ? [...own, ...own.map(renewed)] : own;
  return [
    decide('policy', `policy/${space}`, policy),
    ...declared.map((declaration) => decide('agent', `agent/${declaration.agent}`, declaration)),
  ];
}

function declarationOf(agent: SimulatedAgent): Declaration {
  return {
    agent: agent.id,
    origin: 'declared',
    kind: agent.kind,
    zone: agent.zone,
    identities: [subjectOf(agent), agent.address],
  };
}

/** The same of those who take over from an agent. */
function renewed(declaration: Declaration): Declaration {
  const identities = declaration.identities?.flatMap((identity) => [identity, renewedNames(identity)]);
  return {
    ...declaration,
    agent: renewedNames(declaration.agent),
    ...(identities !== undefined && { identities }),
  };
}
