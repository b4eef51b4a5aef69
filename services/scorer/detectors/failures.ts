import type { AmissEvent } from '#shared/event.ts';
import type { Working } from '#shared/explain/working.ts';
import { logBetaBinomialTail } from '#shared/stats/log-beta-binomial-tail.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import {
  createFailureModel,
  type FailureNumbers,
  groupWeight,
  usuallyAtMost,
} from '../baseline/quantities/failure-model.ts';
import { createSessions } from '../baseline/tables/sessions.ts';
import { allOf } from '../state.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** More of an agent's calls fail, or are denied, than usually do. */
export const failures: Detector = {
  name: 'failures',
  headline: 'fails far more often than usual',
  summary: 'How many of the newest calls out of, or into, an agent failed, timed out or were denied',
  source:
    'Beta-binomial predictive, Skellam 1948; its correlation by moments, Williams 1975, Biometrics 31; detection reference 2.6',
  kind: 'statistic',
  needs: ['outcome'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1110', name: 'Brute Force' },
    { framework: 'ATT&CK', id: 'T1046', name: 'Network Service Discovery' },
  ],
  create: createFailures,
};

// After so long without the same failure it is another one.
const retryMsMax = 30 * 60_000;

function createFailures({ agents }: Surroundings): DetectorModel {
  const model = createFailureModel();
  const tried = createSessions('tried', { fields: 0, restMsMax: retryMsMax });
  const isRetry = (view: View) =>
    isMistake(view.event) && tried.find(attemptOf(view), view.time) !== undefined;
  return {
    score: (view) => {
      if (!isFailure(view)) return isTold(view) ? 0 : noTest;
      if (isRetry(view)) return noTest;
      return logBetaBinomialTail(model.numbers(view));
    },
    evidence: (view) => {
      const numbers = model.numbers(view);
      const { count, trials } = numbers;
      const expected = model.share(view) * trials;
      const known = model.known(view);
      const direction = view.side === 'source' ? 'by' : 'to';
      return {
        observed: count,
        expected,
        lower: 0,
        upper: usuallyAtMost(numbers),
        unit: `failures in ${trials} calls`,
        baseline_source: known >= groupWeight ? 'self' : known > 0 ? 'mixed' : 'group',
        group: agents.groupName(view.group),
        group_expected: model.groupShare(view) * trials,
        subject: agents.id(view.peer),
        from: view.time,
        to: view.time,
        sentence:
          `${count} of the last ${trials} calls ${direction} ${agents.id(view.agent)} failed or were ` +
          `denied, where ${expected < 0.05 ? 'hardly any' : expected.toFixed(1)} are usual; the latest: ${view.event.outcome} from ` +
          `${view.event.destination}`,
        // Evidence of a success is only asked for where nothing else was unusual either: it has no p to explain.
        ...(isFailure(view) && { working: workingOf(view, numbers, agents) }),
      };
    },
    learn: (view, weight) => {
      if (!isTold(view)) return;
      if (!isRetry(view)) model.learn(view, isFailure(view), weight);
      if (isMistake(view.event)) tried.open(attemptOf(view), view.time);
    },
    agentBelongings: model.belongings,
    ...allOf([model, tried]),
  };
}

function workingOf(view: View, numbers: FailureNumbers, agents: Surroundings['agents']): Working {
  const id = agents.id(view.agent);
  return {
    combine: 'product',
    steps: [{ name: 'the newest calls', formula: 'beta-binomial', numbers: { ...numbers } }],
    // Retries of a language model are no calls of their own here, but they are in the store.
    ...(!isToolCall(view.event) && {
      counted: {
        what: 'failures',
        source: view.side === 'source' ? id : null,
        destination: view.side === 'source' ? null : id,
        from: agents.firstSeen(view.agent),
        to: view.time,
        newest: numbers.trials,
      },
    }),
  };
}

/**
 * Is it a mistake that a language model may make again and again within its session, and that counts once? What it is
 * denied counts each time: whoever probes is denied.
 */
function isMistake(event: AmissEvent): boolean {
  return event.outcome === 'error' && event.session !== undefined && isToolCall(event);
}

const attemptOf = ({ agent, side, event: { session, action, resources = [] } }: View) =>
  [agent, side, session, action, ...resources].join(' ');

const isTold = ({ event }: View) => event.outcome !== undefined && event.outcome !== 'unknown';
const isFailure = (view: View) => isTold(view) && view.event.outcome !== 'success';
