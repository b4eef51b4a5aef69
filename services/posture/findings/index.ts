import type { Finding } from './finding.ts';
import { mixedVersions } from './mixed-versions.ts';
import { policyDrift } from './policy-drift.ts';

/** Everything that is looked for in the posture of a space. */
export const findings: readonly Finding[] = [mixedVersions, policyDrift];
