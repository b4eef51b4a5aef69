import { tlsRank, tlsVersions } from '#shared/policy/tls-version.ts';
import { createBests } from '../rules/bests.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle, downgrade } from '../rules/techniques.ts';

/** TLS of an older version than the edge always spoke. Plaintext is another rule's. */
export const tlsDowngrade = ruleDetector({
  name: 'tls-downgrade',
  headline: 'fell back to an older TLS',
  summary: "TLS below the edge's best, to which it kept until now",
  source: 'RFC 8446, section 4.1.3: downgrade protection; detection reference, section 2.8',
  techniques: [downgrade, adversaryInTheMiddle],
  side: 'source',
  needs: ['tls_version'],
  create: () => {
    const bests = createBests('versions', 'edge');
    return {
      judge: ({ event, edge }) => {
        if (event.tls_version === undefined) return undefined;
        const rank = tlsRank(event.tls_version);
        return rank !== undefined && rank > 0 && bests.isBelow(edge, rank) ? 'breach' : undefined;
      },
      tell: ({ event, edge }) => ({
        observed: tlsRank(event.tls_version ?? '') ?? 0,
        expected: bests.settled(edge),
        unit: 'rank of the TLS version (0 plaintext, 6 TLS 1.3)',
        subject: event.tls_version ?? null,
        sentence:
          `${event.source} called ${event.destination} over ${event.tls_version}; ` +
          `until now it was ${tlsVersions[bests.settled(edge)]}`,
      }),
      learn: ({ event, edge, time }) => {
        const rank = event.tls_version === undefined ? undefined : tlsRank(event.tls_version);
        if (rank !== undefined && rank > 0) bests.learn(edge, rank, time);
      },
      memories: [bests],
    };
  },
});
