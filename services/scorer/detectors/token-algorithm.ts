import { attributeNames } from '#shared/attributes.ts';
import { createBests } from '../rules/bests.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken } from '../rules/techniques.ts';

/** Unsigned, signed by a shared secret, signed by a key pair. */
const unsigned = 0;
const levels: readonly (readonly [RegExp, number])[] = [
  [/^none$/i, unsigned],
  [/^HS(256|384|512)$/i, 1],
  [/^(RS|PS|ES)(256|384|512)K?$|^Ed(DSA|25519|448)$|^ML-DSA-/i, 2],
];

/** A token that is signed more weakly than the caller's tokens were, or as the policy does not accept. */
export const tokenAlgorithm = ruleDetector({
  name: 'token-algorithm',
  headline: 'a token with a weaker signature',
  summary: 'A token whose signature is weaker than before, or not accepted',
  source: 'RFC 8725, sections 2.1 and 3.1: algorithm substitution',
  techniques: [applicationAccessToken],
  side: 'source',
  needs: [attributeNames.tokenAlgorithm],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const bests = createBests('algorithms', 'agent');
    return {
      judge: ({ event, agent }) => {
        const algorithm = event.attributes?.[attributeNames.tokenAlgorithm];
        if (algorithm === undefined || event.outcome === 'denied') return undefined;
        const level = levelOf(algorithm);
        if (level === unsigned || !intentions.policy(event.space).isAlgorithmKnown(algorithm))
          return 'breach';
        return level !== undefined && bests.isBelow(agent, level) ? 'warning' : undefined;
      },
      tell: ({ event }) => {
        const algorithm = event.attributes?.[attributeNames.tokenAlgorithm] ?? null;
        return {
          observed: 1,
          expected: 0,
          unit: 'calls with a token signed so',
          subject: algorithm,
          sentence: `${event.source} called ${event.destination} with a token signed by ${algorithm}, weaker than it should be`,
        };
      },
      learn: ({ event, agent, time }) => {
        const algorithm = event.attributes?.[attributeNames.tokenAlgorithm];
        const level = algorithm === undefined ? undefined : levelOf(algorithm);
        if (level !== undefined) bests.learn(agent, level, time);
      },
      memories: [bests],
    };
  },
});

function levelOf(algorithm: string): number | undefined {
  return levels.find(([pattern]) => pattern.test(algorithm))?.[1];
}
