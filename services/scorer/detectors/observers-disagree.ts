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
  needs: ['span_id'],
  create: () => {
    const sightings = createSightings();
    return {
      judge: ({ event }) => (sightings.contradiction(event) === undefined ? undefined : 'warning'),
      tell: ({ event }) => {
        const contradiction = sightings.contradiction(event);
        return {
          observed: 2,
          expected: 1,
          unit: 'versions of one call',
          subject: contradiction?.observer ?? null,
          sentence:
            `${event.observer} and ${contradiction?.observer} saw one call of ${event.source} to ` +
            `${event.destination} and disagree on its ${contradiction?.field}`,
        };
      },
      learn: ({ event }) => sightings.learn(event),
      memories: [sightings],
    };
  },
});
