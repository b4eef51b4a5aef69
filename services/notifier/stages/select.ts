import type { Stage } from '../pipeline.ts';
import type { Target } from '../targets/target.ts';

/** Keeps back what the target's own settings leave out. */
export function createSelect(target: Pick<Target, 'severityMin'>): Stage {
  return {
    name: 'select',
    refusalOf: (alert) =>
      alert.severity < target.severityMin ? `severity below ${target.severityMin}` : undefined,
  };
}
