import { logBetaBinomialTail } from '#shared/stats/log-beta-binomial-tail.ts';
import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** So many failures among so many calls, where their share is Beta(a, b). */
export const betaBinomial = formula({
  names: ['count', 'trials', 'a', 'b'],
  compute: logBetaBinomialTail,
  tell: ({ count, trials, a, b }) => [
    `expected share: ${numberText(a / (a + b))}, with its group's as prior; as sure as ${numberText(a + b)} calls of their own would make it`,
    `X of ${trials} calls beta-binomial with a = ${numberText(a)}, b = ${numberText(b)}: P(X > ${count}) + ½ P(X = ${count})`,
  ],
});
