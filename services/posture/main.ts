import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import { messageOf } from '#shared/errors.ts';
import { Lifecycle, type Stop } from '#shared/lifecycle.ts';
import { followIntentions } from '#shared/policy/follow-intentions.ts';
import type { Intentions } from '#shared/policy/intentions.ts';
import { assess } from '#shared/posture/assess.ts';
import { type Assessed, assessedOf, dueOf, overdueSignal, recordOf } from '#shared/posture/schedule.ts';
import type { Store } from '#shared/store/store.ts';
import { createApply } from './apply-file.ts';
import { decisionOf } from './decision-of.ts';
import { readAdvisoryPlace, readPolicyFile, readRegistryFile, readRolesFile } from './declared-files.ts';
import { createLookAround } from './look-around.ts';
import type { PostureSettings } from './settings.ts';

const scheduleEveryMs = 60_000;
/** A first assessment without traffic says nothing: a space is watched for a day before. */
const watchedMsMin = 86_400_000;

/**
 * Keeps what files declare in force, and the assessments in time: applies `policy.yaml`, the registry's file and
 * advisories whenever they change, assesses each space when it is due, and raises a signal when it is overdue or something is wrong
 * that no event shows by itself.
 */
export async function startPosture(
  context: ServiceContext,
  settings: PostureSettings,
  store: Store,
): Promise<Stop> {
  const lifecycle = new Lifecycle();
  const inForce = new Map<string, Decision>();
  const assessed = new Map<string, Assessed>();
  const { intentions, stop } = await followIntentions({
    log: context.log,
    name: 'posture',
    onError: context.fail,
    onDecision: (key, decision) => {
      if (decision === undefined) inForce.delete(key);
      else inForce.set(key, decision);
      const last = decision && assessedOf(decision);
      if (decision !== undefined && last !== undefined) assessed.set(decision.space, last);
    },
  });
  lifecycle.defer(stop);
  const apply = createApply(context, inForce);
  const [space = 'default'] = settings.spaces;
  const files = async () => {
    if (settings.policy_file !== '')
      await apply(settings.policy_file, space, await readPolicyFile(settings.policy_file, space));
    if (settings.registry_file !== '')
      await apply(settings.registry_file, space, await readRegistryFile(settings.registry_file, space));
    for (const path of settings.roles_files)
      await apply(path, space, await readRolesFile(path, space, context.clock.now()));
  };
  const advisories = async () => {
    if (settings.advisories !== '')
      await apply(settings.advisories, space, await readAdvisoryPlace(settings.advisories));
  };
  const keepTime = createTimekeeper({ context, settings, store, intentions, assessed });
  lifecycle.defer(repeat(context, 'files', settings.files_every_seconds * 1000, files));
  lifecycle.defer(repeat(context, 'advisories', settings.advisories_every_minutes * 60_000, advisories));
  lifecycle.defer(repeat(context, 'schedule', scheduleEveryMs, keepTime));
  const lookAround = createLookAround(context, { store, intentions }, settings.spaces);
  lifecycle.defer(repeat(context, 'findings', settings.findings_every_minutes * 60_000, lookAround));
  return () => lifecycle.stop();
}

interface Timekeeping {
  readonly context: ServiceContext;
  readonly settings: PostureSettings;
  readonly store: Store;
  readonly intentions: Intentions;
  readonly assessed: Map<string, Assessed>;
}

function createTimekeeper({ context, settings, store, intentions, assessed }: Timekeeping) {
  const startedAt = context.clock.now();
  const told = new Set<string>();
  return async () => {
    for (const space of settings.spaces) {
      const now = context.clock.now();
      const plan = { everyDays: settings.assessment_days, overdueDays: settings.overdue_days, now };
      const due = dueOf(assessed.get(space)?.at, startedAt + watchedMsMin, plan);
      if (due.isDue && settings.is_automatic) {
        const days = settings.assessment_days;
        const result = await assess({ store, intentions }, { space, days, now, last: assessed.get(space) });
        const body = recordOf(result, { at: now, days });
        assessed.set(space, body);
        const meant = { key: `assessment/${space}`, kind: 'assessment', body };
        const decision = decisionOf(context, meant, { space, reason: 'due' });
        await context.log.append('decisions', [{ key: decision.key, value: JSON.stringify(decision) }]);
      } else if (due.isOverdue) {
        const signal = overdueSignal(space, due, now);
        if (told.has(signal.id)) continue;
        await context.log.append('signals', [{ key: space, value: JSON.stringify(signal) }]);
        told.add(signal.id);
      }
    }
  };
}

/** Does a piece of work now and again; a failure is logged when it changes, and tried again next time. */
function repeat(context: ServiceContext, name: string, everyMs: number, work: () => Promise<void>): Stop {
  const stopping = new AbortController();
  let failure = '';
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await work();
        failure = '';
      } catch (error) {
        if (messageOf(error) !== failure) context.logger.warn({ err: error, name }, 'posture work failed');
        failure = messageOf(error);
      }
      await context.clock.sleep(everyMs, stopping.signal).catch(() => undefined);
    }
  };
  const running = run();
  return async () => {
    stopping.abort();
    await running;
  };
}
