import { afterCall, type Containment, nextStep } from '#shared/containment.ts';
import type { ServiceContext } from '#shared/context.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { callHook } from './hook.ts';
import type { ContainmentSettings } from './settings.ts';

/** Open isolations that are held; beyond them a new one waits in the log until a restart. */
const openMax = 10_000;
/** How often it is looked whether something is due. */
const tickMs = 250;

/** Carries out what is due, one isolation after another. */
export interface Steps {
  take(key: string, containment: Containment, space: string): void;
  drop(key: string): void;
  /** Another member has the alerts now: it calls, and we do not. */
  pause(): void;
  resume(): void;
  readonly stop: Stop;
}

/** @param decide makes what came of a step durable */
export function createSteps(
  context: ServiceContext,
  settings: ContainmentSettings,
  decide: (containment: Containment, space: string, reason: string) => Promise<void>,
): Steps {
  const open = new Map<string, { readonly containment: Containment; readonly space: string }>();
  const stopping = new AbortController();
  let isOurs = false;

  const carryOut = async (key: string, containment: Containment, space: string) => {
    const now = context.clock.now();
    const step = nextStep(containment, now, settings.proposal_hours_max * 3_600_000);
    if (step.kind === 'wait') return;
    open.delete(key);
    if (step.kind === 'none') return;
    if (step.kind === 'become') {
      await decide({ ...containment, state: step.state }, space, 'nobody approved it in time');
      return;
    }
    const { url, secret, timeout_ms: timeoutMs } = settings;
    const failure = await callHook({ action: step.action, containment, now }, { url, secret, timeoutMs });
    const limits = {
      now: context.clock.now(),
      expiresMs: settings.expires_minutes * 60_000,
      attemptsMax: settings.attempts_max,
    };
    const after = afterCall(containment, { action: step.action, failure }, limits);
    context.logger.info({ alert: containment.alert, state: after.state, failure }, 'containment step');
    // An analyst may have decided while the call was under way: what they said counts, so ours is not appended after it.
    if (open.has(key)) return;
    open.set(key, { containment: after, space });
    await decide(after, space, `${step.action}: ${failure ?? 'done'}`);
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      if (isOurs) for (const [key, { containment, space }] of open) await carryOut(key, containment, space);
      await context.clock.sleep(tickMs, stopping.signal).catch(() => undefined);
    }
  };
  const running = run().catch(context.fail);
  return {
    take: (key, containment, space) => {
      if (open.has(key) || open.size < openMax) open.set(key, { containment, space });
    },
    drop: (key) => {
      open.delete(key);
    },
    pause: () => {
      isOurs = false;
    },
    resume: () => {
      isOurs = true;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
