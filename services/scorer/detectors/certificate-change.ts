import { attributeNames } from '#shared/attributes.ts';
import { keptAttribute } from '../rules/kept-attribute.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle } from '../rules/techniques.ts';

/**
 * An agent that shows another certificate than it always did. One that shows a new one every few days is renewed by
 * a machine: it has no habit, and nothing is told.
 */
export const certificateChange = ruleDetector({
  name: 'certificate-change',
  headline: 'shows a certificate that was never seen',
  summary: 'A certificate that nobody has seen at an agent that kept to its own',
  source: 'RFC 6962, section 1: a certificate that its owner did not ask for',
  techniques: [adversaryInTheMiddle],
  side: 'destination',
  needs: [attributeNames.certificateHash],
  create: () =>
    keptAttribute({
      attribute: attributeNames.certificateHash,
      tier: 'notice',
      name: 'certificates',
      observationsMin: 200,
      ageMsMin: 7 * 24 * 3_600_000,
      valuesMax: 3, // two replicas and one renewal within a week already make a custom of changing
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls under a new certificate',
        subject: event.attributes?.[attributeNames.certificateHash] ?? null,
        sentence: `${event.destination} shows a certificate that was never seen at it`,
      }),
    }),
});
