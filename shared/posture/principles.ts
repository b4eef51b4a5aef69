/** The tenets of zero trust. @source NIST SP 800-207 (August 2020), section 2.1 */
export const tenets = [
  { id: 1, title: 'Every data source and computing service is a resource' },
  { id: 2, title: 'All communication is secured, wherever it comes from' },
  { id: 3, title: 'Access is granted for a session, with the least privilege' },
  { id: 4, title: 'Access is decided by policy' },
  { id: 5, title: 'The integrity and security of every asset is measured' },
  { id: 6, title: 'Authentication and authorisation come before access, every time' },
  { id: 7, title: 'What is collected about assets and traffic improves security' },
] as const;
export type TenetId = (typeof tenets)[number]['id'];

/** The pillars and capabilities of maturity. @source CISA, Zero Trust Maturity Model 2.0 (April 2023) */
export const pillars = [
  'identity',
  'devices',
  'networks',
  'applications',
  'visibility',
  'automation',
] as const;
export type Pillar = (typeof pillars)[number];

/** CISA's stages, by score. */
export const stages = ['traditional', 'initial', 'advanced', 'optimal'] as const;
export type Stage = (typeof stages)[number];

/** The stage of a score: a quarter of the scale each, since CISA gives no figures. */
export function stageOf(score: number): Stage {
  return stages[Math.min(stages.length - 1, Math.floor(score / 25))] ?? 'traditional';
}
