import { formula } from './formula.ts';
import { numberText } from './number-text.ts';

/** A broken rule: its tier stands for a p. */
export const tier = formula({
  names: ['p'],
  compute: ({ p }) => Math.log(p),
  tell: ({ p }) => [`a rule is broken; its tier stands for p = ${numberText(p)}`],
});
