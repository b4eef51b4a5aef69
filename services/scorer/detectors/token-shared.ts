import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { applicationAccessToken, stealToken } from '../rules/techniques.ts';
import { createTokenHolders } from '../rules/token-holders.ts';

/** One token in two hands: the second one has stolen it, or was given what should not be passed on. */
export const tokenShared = ruleDetector({
  name: 'token-shared',
  headline: 'one token in two hands',
  summary: 'A token that two agents use, or one agent from an address that is new to it',
  source: 'RFC 9700, section 4.10: token replay; detection reference, section 2.8',
  techniques: [applicationAccessToken, stealToken],
  side: 'both', // the holder and the thief may call from two partitions, and meet only where they call
  needs: ['token_id'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const holders = createTokenHolders();
    return {
      judge: ({ event }) => {
        if (event.token_id === undefined) return undefined;
        const { shared } = intentions.policy(event.space).policy.tokens;
        if (shared === 'allowed') return undefined;
        const doubt = holders.doubt(event);
        if (doubt === undefined) return undefined;
        if (shared === 'watched') return 'notice';
        return doubt.kind === 'agent' ? 'breach' : 'warning';
      },
      tell: ({ event }) => {
        const doubt = holders.doubt(event);
        const now = doubt?.kind === 'address' ? event.source_address : event.source;
        return {
          observed: 2,
          expected: 1,
          unit: `${doubt?.kind === 'address' ? 'addresses' : 'agents'} using one token`,
          // Whose it is: what its owner does meanwhile belongs to the same case.
          subject: doubt?.kind === 'agent' ? doubt.holder : event.source,
          sentence: `${event.destination} was called by ${now} with a token that ${doubt?.holder ?? 'another'} held before`,
        };
      },
      learn: ({ event }) => holders.learn(event),
      memories: [holders],
    };
  },
});
