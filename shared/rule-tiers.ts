/**
 * How sure a broken rule is. The p of a tier is the chance that clean traffic shows it in one event, so that statistics
 * and rules share one scale: `notice` is untidy and happens somewhere every day (a certificate runs out); `warning` is a
 * habit broken that a clean network breaks about once in a million calls (a new scope, weaker TLS); `breach` contradicts
 * what was declared or what is possible (a token after its end, a forbidden crossing), and clean traffic never shows it.
 */
export const rulePs = { notice: 1e-4, warning: 1e-6, breach: 1e-9 } as const;
export type RuleTier = keyof typeof rulePs;
