import { logLeast } from '#shared/explain/least.ts';
import type { Working, WorkingStep } from '#shared/explain/working.ts';
import { logFisher } from '#shared/stats/log-fisher.ts';
import { createCategories } from '../baseline/categories/categories.ts';
import { createActionPlaces, createResourceModel } from '../baseline/categories/resource-model.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import { createSessions } from '../baseline/tables/sessions.ts';
import { allOf } from '../state.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** A session of an LLM agent in which an answer of a strange size came, and then something strange was done. */
export const turnedSession: Detector = {
  name: 'turned-session',
  headline: 'a session that changed course after an answer',
  summary: "A tool's answer unlike any before, and a target unlike any before, within one session",
  source:
    'Fisher 1925, Statistical Methods for Research Workers, 21.1, over the least likely answer and target',
  kind: 'statistic',
  side: 'source',
  needs: ['source_kind', 'protocol', 'action'],
  isWhole: true,
  techniques: [
    { framework: 'ATLAS', id: 'AML.T0051.001', name: 'LLM Prompt Injection: Indirect' },
    { framework: 'ATLAS', id: 'AML.T0053', name: 'AI Agent Tool Invocation' },
  ],
  create: createTurnedSession,
};

// Sizes within 10 % of each other are one: text that tells another story is longer or shorter by more.
const sizeStep = 0.1;
const sizeGrain = 64;
const sessionRestMs = 30 * 60_000;
// Without a name a session ends when its agent has paused for two minutes.
const pauseMs = 120_000;

/** Fields of a session: ln p of its least likely answer and target, and how many of each it had. */
const answerLnP = 0;
const answers = 1;
const targetLnP = 2;
const targets = 3;

const scratchFields = 4;

const sizeOf = (bytes: number) => Math.round(Math.log(sizeGrain + bytes) / sizeStep);

function createTurnedSession({ agents }: Surroundings): DetectorModel {
  const places = createActionPlaces('answers');
  const sizes = createCategories('answers');
  const resources = createResourceModel('targets');
  const named = createSessions('sessions', { fields: 4, restMsMax: sessionRestMs });
  const unnamed = createSessions('pauses', { fields: 4, restMsMax: pauseMs });
  const scratch = new Float64Array(scratchFields);

  const nameOf = ({ event }: View) => event.session ?? event.trace_id;
  const keyOf = (view: View) => `${view.agent} ${nameOf(view) ?? ''}`;
  const sessionsOf = (view: View) => (nameOf(view) === undefined ? unnamed : named);
  /** What the session shows with this view: written into `into`. */
  const addTo = (view: View, into: Float64Array) => {
    const { bytes_in: bytes, resources: touched } = view.event;
    if (bytes !== undefined) {
      into[answerLnP] = Math.min(into[answerLnP] ?? 0, sizes.score(places.find(view), sizeOf(bytes)));
      into[answers] = (into[answers] ?? 0) + 1;
    }
    if (touched !== undefined && touched.length > 0) {
      into[targetLnP] = Math.min(into[targetLnP] ?? 0, resources.rarest(view).lnP);
      into[targets] = (into[targets] ?? 0) + 1;
    }
  };
  const stateWith = (view: View): Float64Array => {
    scratch.fill(0);
    const known = sessionsOf(view).find(keyOf(view), view.time);
    if (known !== undefined) for (let i = 0; i < scratchFields; i += 1) scratch[i] = known[i] ?? 0;
    addTo(view, scratch);
    return scratch;
  };
  const isJudged = (view: View) => view.side === 'source' && isToolCall(view.event);

  return {
    score: (view) => (isJudged(view) ? lnPOf(stateWith(view)) : noTest),
    evidence: (view) => {
      const { event, group, time } = view;
      const session = stateWith(view);
      const { resource } = resources.rarest(view);
      return {
        observed: event.bytes_in ?? 0,
        expected: null,
        lower: null,
        upper: null,
        unit: 'bytes of the latest answer',
        baseline_source: 'mixed',
        group: agents.groupName(group),
        group_expected: null,
        subject: resource === '' ? (event.action ?? null) : resource,
        from: time,
        to: time,
        sentence: `In one session of ${event.source} ${whatTurned(session)} (latest: ${event.action ?? 'a call'} ${resource})`,
        working: workingOf(session),
      };
    },
    learn: (view, weight) => {
      if (!isJudged(view)) return;
      addTo(view, sessionsOf(view).open(keyOf(view), view.time));
      const { bytes_in: bytes } = view.event;
      if (bytes !== undefined) sizes.learn(places.intern(view), sizeOf(bytes), weight);
      resources.learn(view, weight);
    },
    agentBelongings: (agent, visit) => {
      places.belongings(agent, visit, (context) => sizes.belongings(context, visit));
      resources.belongings(agent, visit);
    },
    ...allOf([places, sizes, resources, named, unnamed]),
  };
}

/** ln p of the least likely of several: each had its chance. */
function leastOf(session: Float64Array, lnP: number, count: number): number {
  return logLeast(session[lnP] ?? 0, session[count] ?? 0);
}

/** Answer and target, as two independent p-values. */
function lnPOf(session: Float64Array): number {
  return logFisher(2, -(leastOf(session, answerLnP, answers) + leastOf(session, targetLnP, targets)));
}

/** Of the session's least likely answer and target it is known how likely they were, no longer why. */
function workingOf(session: Float64Array): Working {
  const step = (name: string, lnP: number, count: number): WorkingStep => ({
    name,
    formula: 'known',
    numbers: { lnP: session[lnP] ?? 0 },
    tries: Math.max(1, session[count] ?? 0),
  });
  return {
    combine: 'fisher',
    steps: [
      step('the least likely size of an answer', answerLnP, answers),
      step('the least likely target', targetLnP, targets),
    ],
  };
}

function whatTurned(session: Float64Array): string {
  const answerP = percent(leastOf(session, answerLnP, answers));
  const targetP = percent(leastOf(session, targetLnP, targets));
  return `a tool answered at a size that ${answerP} of sessions see, and a target was used that ${targetP} of sessions use`;
}

const percent = (lnP: number) => `${(100 * Math.exp(lnP)).toPrecision(2)} %`;
