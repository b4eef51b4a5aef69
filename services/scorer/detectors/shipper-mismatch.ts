import type { AmissEvent } from '#shared/event.ts';
import type { Registry } from '#shared/registry/registry.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { ruleDetector } from '../rules/rule.ts';
import { indicatorBlocking } from '../rules/techniques.ts';

/** Somebody reported a call of an agent for which it may not speak: logs can be forged as well as calls. */
export const shipperMismatch = ruleDetector({
  name: 'shipper-mismatch',
  headline: 'was reported by a shipper that may not speak for it',
  summary: 'A log record from a shipper that may not speak for the agents that it names',
  source: 'NIST SP 800-207, tenet 7: what the enterprise collects about assets has to be true',
  techniques: [indicatorBlocking],
  side: 'source',
  needs: ['shipper'],
  create: ({ decisions }) => {
    const { registry } = intentionsOf(decisions);
    return {
      judge: ({ event }) => {
        if (event.shipper === undefined || !registry.isUsed(event.space)) return undefined;
        return maySpeak(registry, event, event.shipper) ? undefined : 'breach';
      },
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'records from a foreign shipper',
        subject: event.shipper ?? null,
        sentence: `${event.shipper} reported a call of ${event.source} to ${event.destination}, and may speak for neither`,
      }),
    };
  },
});

/** Either end's shipper sees the call; only where both ends name theirs can a third be wrong. */
function maySpeak(registry: Registry, event: AmissEvent, shipper: string): boolean {
  return [event.source, event.destination].some((id) => {
    const isDeclared = registry.allowed(event.space, id, 'shippers');
    return isDeclared === undefined || isDeclared(shipper);
  });
}
