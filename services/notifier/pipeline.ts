import type { Alert } from '#shared/alert.ts';

/** One question asked about an alert before it is told to a target. */
export interface Stage {
  readonly name: string;
  /** Why the alert is not told to this target now; `undefined` lets it pass. Changes nothing. */
  refusalOf(alert: Alert): string | undefined;
}

export type Admission =
  | { readonly kind: 'told' }
  | { readonly kind: 'refused'; readonly stage: string; readonly reason: string };

/**
 * Asks the stages in their order; the first refusal stands. What passes is recorded (`stages/record.ts`), attempted,
 * and repeated by the schedule of `stages/retry.ts`: `lane.ts` moves it along.
 */
export function admit(stages: readonly Stage[], alert: Alert): Admission {
  for (const { name, refusalOf } of stages) {
    const reason = refusalOf(alert);
    if (reason !== undefined) return { kind: 'refused', stage: name, reason };
  }
  return { kind: 'told' };
}
