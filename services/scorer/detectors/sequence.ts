import type { TailNumbers } from '#shared/explain/calibration.ts';
import { gatheredWith, logGathered } from '#shared/explain/gathered.ts';
import { logLeast } from '#shared/explain/least.ts';
import { logKnownStep, logSuccession, type SuccessionNumbers } from '#shared/explain/succession.ts';
import { logUnseen } from '#shared/explain/unseen.ts';
import type { Working } from '#shared/explain/working.ts';
import { createTails } from '../baseline/calibration/tails.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import { createSessionTable } from '../baseline/sequences/session-steps.ts';
import { type Before, createSuccessions } from '../baseline/sequences/successions.ts';
import { createNames } from '../baseline/tables/names.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
  type View,
} from './detector.ts';

/** Within one session or trace, an agent takes a step that does not follow what came before. */
export const sequence: Detector = {
  name: 'sequence',
  headline: 'a step that does not follow what came before',
  summary:
    'What an agent does within a session or trace, after the two steps before it: its own, or calls to it',
  source:
    'Interpolated model of order two, Witten & Bell 1991; gathered surprise, Page 1954, with the tail of Cramér 1930',
  kind: 'statistic',
  aspect: 'when', // in the course of a task
  needs: ['action'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1078', name: 'Valid Accounts' },
    { framework: 'ATT&CK', id: 'T1550', name: 'Use Alternate Authentication Material' },
  ],
  create: createSequence,
};

const actionsMax = 65_536;
const groupsMax = 4096; // actions, groups and the two bits of a step fit into 31 bits
/** What stands before a session's first step. */
const nothing = 0;

// Most steps are what they always are, and say nothing: ln p from which one is no test.
const commonFrom = Math.log(0.1);
const unlessCommon = (lnP: number) => (lnP > commonFrom ? noTest : lnP);

function createSequence({ agents }: Surroundings): DetectorModel {
  const actions = createNames('actions', actionsMax);
  const successions = createSuccessions('successions');
  const sessions = createSessionTable('sessions');
  const tails = createTails('tails');
  const parts = [actions, successions, sessions, tails];
  const before: Before = { pair: -1, own: -1, group: -1 }; // scratch: the hot path allocates nothing
  const stepOf = (view: View) => stepNumber(view, actions.find(view.event.action ?? ''));
  const rawScore = (view: View, session: string) => {
    const { newest, former } = sessions.find(view.agent, session, view.time);
    successions.find(before, view, newest, former);
    return successions.score(before, view.group, stepOf(view));
  };
  const stepLnP = (group: number, raw: number) =>
    Math.min(0, Math.max(tails.calibrate(group, raw), logUnseen(tails.observed(group))));
  /** @returns what the session has gathered with this step */
  const learnStep = (view: View, session: string, step: number, weight: number): number => {
    const raw = rawScore(view, session);
    const lnP = stepLnP(view.group, raw);
    const { newest, former, gathered } = sessions.find(view.agent, session, view.time);
    if (newest !== nothing) tails.learn(view.group, raw, weight);
    successions.enter(before, view, newest, former);
    successions.learn(before, view, step, weight);
    return gatheredWith(lnP, gathered);
  };

  const workingOf = (view: View): Working => {
    const { newest, former, gathered } = sessions.find(view.agent, sessionOf(view) ?? '', view.time);
    successions.find(before, view, newest, former);
    const numbers = {
      ...successions.numbers(before, view.group, stepOf(view)),
      ...tails.numbers(view.group),
    };
    return workingWith(numbers, gathered);
  };

  return {
    score: (view) => {
      const session = sessionOf(view);
      if (session === undefined || view.side === 'destination') return noTest;
      const { newest, gathered } = sessions.find(view.agent, session, view.time);
      // What comes first follows nothing: that an agent never did it is the matter of `rare-action`.
      if (newest === nothing) return noTest;
      const lnP = stepLnP(view.group, rawScore(view, session));
      return unlessCommon(together(lnP, gathered));
    },
    evidence: (view) => {
      const { newest, former } = sessions.find(view.agent, sessionOf(view) ?? '', view.time);
      successions.find(before, view, newest, former);
      const after = `after ${describe(newest, actions.text)}`;
      const standing = successions.standing(before, stepOf(view));
      return { ...tell(view, agents.groupName(view.group), after, standing), working: workingOf(view) };
    },
    learn: (view, weight) => {
      const session = sessionOf(view);
      if (session === undefined) return;
      actions.intern(view.event.action ?? '');
      const step = stepOf(view);
      const gathered =
        view.side === 'destination'
          ? sessions.find(view.agent, session, view.time).gathered
          : learnStep(view, session, step, weight);
      sessions.step(view.agent, session, view.time, { step: withOutcome(step, view), gathered });
    },
    agentBelongings: successions.belongings,
    save: (state) => {
      for (const part of parts) part.save(state.within('sequence'));
    },
    restore: (state) => {
      for (const part of parts) part.restore(state.within('sequence'));
    },
  };
}

/**
 * The session that a view is a step of. What a language model does next follows from its task, and tasks change:
 * its sessions are judged by `turned-session`.
 */
function sessionOf({ event }: View): string | undefined {
  if (event.action === undefined || isToolCall(event)) return undefined;
  return event.session ?? event.trace_id;
}

function tell(
  { event, time }: View,
  group: string,
  after: string,
  { own, members }: { readonly own: number; readonly members: number },
): DetectorEvidence {
  const { action = '', source } = event;
  return {
    observed: own,
    expected: null,
    lower: null,
    upper: null,
    unit: 'earlier times after the step before',
    baseline_source: 'mixed',
    group,
    group_expected: members,
    subject: action,
    from: time,
    to: time,
    sentence: `${source} did ${action} ${after}, which it did ${times(own)} before, and its group ${times(members)}`,
  };
}

/** A step as a number: what was done to whom, and whether it came in or went out. */
function stepNumber({ side, peerGroup }: View, action: number): number {
  // 1 more, so that no step is the one that stands before all, even of an action that was never met.
  return ((action + 1) * groupsMax + (peerGroup % groupsMax)) * 4 + (side === 'source' ? 1 : 0);
}

/** How it went says what may follow; that it went wrong is itself the matter of `failures`. */
function withOutcome(step: number, { event: { outcome } }: View): number {
  return outcome === undefined || outcome === 'success' || outcome === 'unknown' ? step : step + 2;
}

function describe(step: number, actionText: (action: number) => string): string {
  const action = actionText(Math.floor(step / 4 / groupsMax) - 1);
  const isOwn = step % 2 === 1;
  return `${isOwn ? '' : 'being called with '}${action}${step % 4 >= 2 ? ', which failed' : ''}`;
}

function workingWith(numbers: SuccessionNumbers & TailNumbers, gathered: number): Working {
  const step = { name: 'the step', formula: 'succession', numbers: { ...numbers } } as const;
  if (gathered === 0) return { combine: 'least', steps: [step] };
  const session = { gathered: gatheredWith(logKnownStep(logSuccession(numbers), numbers), gathered) };
  return {
    combine: 'least',
    steps: [step, { name: 'the session with it', formula: 'gathered', numbers: session }],
  };
}

/**
 * ln p of the step and of what its session gathered with it, the less likely of the two: each had its chance. Where
 * nothing had gathered before it, the session says no more than the step.
 */
function together(lnP: number, before: number): number {
  if (before === 0) return lnP;
  return logLeast(Math.min(lnP, logGathered(gatheredWith(lnP, before))), 2);
}

const times = (count: number) =>
  count === 0 ? 'never' : count < 1.5 ? 'once' : `${Math.round(count)} times`;
