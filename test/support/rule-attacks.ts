/** The simulated attacks of which a rule of zero trust is broken. */
export const ruleAttacks: readonly string[] = [
  'token-replay',
  'scope-growth',
  'tls-downgrade',
  'zone-crossing',
  'shadow-agent',
  'tool-change',
];
