import { logBetaBinomialTail } from '#shared/stats/log-beta-binomial-tail.ts';
import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** So many failures among so many calls, where their share is Beta(a, b). */
export const betaBinomial = formula({
  names: ['count', 'trials', 'a', 'b'],
  compute: logBetaBinomialTail,
  tell: ({ count, trials, a, b }) => [
    `share of failures before: ${numberText(a)} of ${numberText(a + b)} calls, its group's as prior: ${numberText(a / (a + b))}`,
    `X of ${trials} calls beta-binomial with a = ${numberText(a)}, b = ${numberText(b)}: P(X > ${count}) + ½ P(X = ${count})`,
  ],
});
