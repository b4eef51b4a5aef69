import { createHash } from 'node:crypto';
import type { Alert } from '#shared/alert.ts';
import { type Containment, containmentOf, proposalOf } from '#shared/containment.ts';
import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import { isDrill } from '#shared/drill.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { followIntentions } from '#shared/policy/follow-intentions.ts';
import { compilePatterns } from '#shared/policy/pattern.ts';
import { isolationManifests } from './manifests.ts';
import type { ContainmentSettings } from './settings.ts';
import { createSteps } from './steps.ts';

/** The consumer group of the hook: the member that holds the alerts is the one that calls. */
export const containmentGroup = 'containment';

const keyOf = (alert: string) => `containment/${alert}`;

/**
 * Proposes to isolate the agents of severe alerts, and carries out what analysts approve, let expire or undo. All state
 * lies in decisions `containment/ALERT`: who approved what is in the audit trail, and a restart goes on from there.
 */
export async function startContainment(
  context: ServiceContext,
  settings: ContainmentSettings,
): Promise<Stop> {
  const lifecycle = new Lifecycle();
  if (settings.url === '') return () => lifecycle.stop();
  const known = new Map<string, Decision>();
  const decide = (containment: Containment, space: string, reason: string) => {
    const decision = decisionOf(context, { containment, space, reason });
    known.set(decision.key, decision);
    return context.log.append('decisions', [{ key: decision.key, value: JSON.stringify(decision) }]);
  };
  const steps = createSteps(context, settings, decide);
  const { intentions, stop } = await followIntentions({
    log: context.log,
    name: 'containment.decisions',
    onError: context.fail,
    onDecision: (key, decision) => {
      const containment = decision === undefined ? undefined : containmentOf(decision);
      if (decision === undefined || containment === undefined) {
        steps.drop(key);
        return;
      }
      known.set(key, decision);
      steps.take(key, containment, decision.space);
    },
  });
  lifecycle.defer(stop);
  lifecycle.defer(steps.stop);
  const isWanted = wantedBy(settings);
  const propose = async (alert: Alert) => {
    if (!isWanted(alert) || known.has(keyOf(alert.id))) return;
    const manifests = isolationManifests(alert.agent, intentions.registry.get(alert.space, alert.agent));
    const now = context.clock.now();
    const containment = proposalOf(alert, { manifests, needsApproval: settings.needs_approval, now });
    await decide(containment, alert.space, alert.title);
  };
  const subscription = await context.log.subscribe({
    group: containmentGroup,
    topics: ['alerts'],
    from: 'latest', // what lies in the past was dealt with by people
    onAssigned: async () => {
      steps.resume();
      return undefined;
    },
    onRevoked: async () => steps.pause(),
    onBatch: async (batch) => {
      for (const { value } of batch.records) await propose(alertOf(value));
      const offset = (batch.records.at(-1)?.offset ?? 0) + 1;
      await subscription.commit(batch, { offset, metadata: '' });
    },
    onError: context.fail,
  });
  lifecycle.defer(() => subscription.stop());
  return () => lifecycle.stop();
}

function wantedBy(settings: ContainmentSettings): (alert: Alert) => boolean {
  const isDetector = compilePatterns(settings.detectors);
  return (alert) => {
    const isOpen = alert.status === 'new' || alert.status === 'in_progress';
    return (
      isOpen &&
      !isDrill(alert.space) &&
      alert.severity >= settings.severity_min &&
      alert.detectors.some(isDetector)
    );
  };
}

function decisionOf(
  context: ServiceContext,
  { containment, space, reason }: { containment: Containment; space: string; reason: string },
): Decision {
  const key = keyOf(containment.alert);
  // A repeat of the same step is the same decision.
  const id = createHash('sha256')
    .update(JSON.stringify([key, containment]))
    .digest('hex')
    .slice(0, 32);
  return {
    id,
    key,
    kind: 'containment',
    time: context.clock.now(),
    space,
    by: 'amiss',
    reason,
    body: containment,
  };
}

/** What the topic holds was checked where it was made. */
function alertOf(value: Buffer): Alert {
  return JSON.parse(value.toString('utf8')) as Alert;
}
