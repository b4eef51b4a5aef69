import { attributeNames } from '#shared/attributes.ts';
import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { adversaryInTheMiddle } from '../rules/techniques.ts';
import type { View } from './detector.ts';

const dayMs = 24 * 3_600_000;

/**
 * A certificate that has run out, or soon will. Certificates that live for hours are renewed by machines, so only one
 * that has been in use for longer than the policy's days is worth a word before its end.
 */
export const certificateExpiry = ruleDetector({
  name: 'certificate-expiry',
  headline: 'its certificate expired or is about to',
  summary: 'A certificate that expired or is about to',
  source: 'RFC 5280, section 4.1.2.5: validity',
  techniques: [adversaryInTheMiddle],
  side: 'destination',
  needs: [attributeNames.certificateExpiresAt],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'agent');
    const seen = new Map<number, InUse>();
    const daysMin = (view: View) => intentions.policy(view.event.space).policy.tls.certificate_days_min;
    const judge = (view: View) => {
      const expiresAt = expiryOf(view);
      if (expiresAt === undefined || !told.isDue(view.agent, view.time)) return undefined;
      if (view.time > expiresAt) return 'warning';
      const inUse = seen.get(view.agent);
      const isLongInUse = inUse?.expiresAt === expiresAt && view.time - inUse.since > daysMin(view) * dayMs;
      return isLongInUse && expiresAt - view.time < daysMin(view) * dayMs ? 'notice' : undefined;
    };
    return {
      judge,
      tell: (view) => {
        const days = Math.round((((expiryOf(view) ?? view.time) - view.time) / dayMs) * 10) / 10;
        const when = days < 0 ? `expired ${-days} days ago` : `expires in ${days} days`;
        return {
          observed: days,
          expected: daysMin(view),
          unit: 'days left of the certificate',
          subject: view.event.destination,
          sentence: `the certificate of ${view.event.destination} ${when}`,
        };
      },
      learn: (view, tier) => {
        const expiresAt = expiryOf(view);
        if (expiresAt === undefined) return;
        if (tier !== undefined) told.mark(view.agent, view.time);
        const known = seen.get(view.agent);
        if (known?.expiresAt !== expiresAt && (known !== undefined || seen.size < agentsMax))
          seen.set(view.agent, { expiresAt, since: view.time });
      },
      memories: [
        told,
        {
          name: 'inUse',
          forgetAgent: (agent) => {
            seen.delete(agent);
          },
          save: (state) => state.value('seen', [...seen]),
          restore: (state) => {
            seen.clear();
            for (const [agent, inUse] of (state.value('seen') ?? []) as [number, InUse][])
              seen.set(agent, inUse);
          },
        },
      ],
    };
  },
});

/** Agents whose certificate is remembered; a new one beyond them is told only once it has expired. */
const agentsMax = 100_000;

interface InUse {
  /** UTC ms. */
  readonly expiresAt: number;
  /** Event time at which it was first seen. */
  readonly since: number;
}

function expiryOf({ event }: View): number | undefined {
  const text = event.attributes?.[attributeNames.certificateExpiresAt];
  if (text === undefined) return undefined;
  const time = Number(text);
  return Number.isFinite(time) && time > 0 ? time : undefined;
}
