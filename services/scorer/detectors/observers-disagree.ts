import { attributeNames } from '#shared/attributes.ts';
import type { AmissEvent } from '#shared/event.ts';
import { ruleDetector } from '../rules/rule.ts';
import { createSightings } from '../rules/sightings.ts';
import { indicatorBlocking, masquerading } from '../rules/techniques.ts';

/** Two observers of one call tell two stories: one of them is wrong, or lies. */
export const observersDisagree = ruleDetector({
  name: 'observers-disagree',
  headline: 'two observers tell different stories of its call',
  summary: 'One call of which two observers report another destination, identity or verdict',
  source: 'NIST SP 800-207, tenet 7; W3C Trace Context: a span id names one call',
  techniques: [indicatorBlocking, masquerading],
  side: 'source',
  needs: ['span_id', attributeNames.observersDisagree],
  create: () => {
    const sightings = createSightings();
    return {
      judge: ({ event }) =>
        foldedFields(event) === undefined && sightings.contradiction(event) === undefined
          ? undefined
          : 'warning',
      tell: ({ event }) => {
        const contradiction = sightings.contradiction(event);
        const fields = foldedFields(event) ?? contradiction?.field ?? '';
        const observers =
          contradiction === undefined ? 'two observers' : `${event.observer} and ${contradiction.observer}`;
        return {
          observed: 2,
          expected: 1,
          unit: 'versions of one call',
          subject: contradiction?.observer ?? null,
          sentence:
            `${observers} saw one call of ${event.source} to ${event.destination} and disagree on its ` +
            fields.replaceAll(',', ', ').replaceAll('_', ' '),
        };
      },
      learn: ({ event }) => sightings.learn(event),
      memories: [sightings],
    };
  },
});

/** In what the ends of a call contradict each other that were folded into one event on their way in. */
function foldedFields({ attributes }: AmissEvent): string | undefined {
  return attributes?.[attributeNames.observersDisagree];
}
