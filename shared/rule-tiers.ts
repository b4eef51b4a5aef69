/**
 * The p of a broken rule, by tier: the chance that clean traffic shows it in one event. Statistics and rules share one
 * scale by it.
 */
export const rulePs = { notice: 1e-4, warning: 1e-6, breach: 1e-9 } as const;
export type RuleTier = keyof typeof rulePs;
