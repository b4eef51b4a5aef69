import { logLeast } from '#shared/explain/least.ts';
import type { WorkingStep } from '#shared/explain/working.ts';
import { logFisher } from '#shared/stats/log-fisher.ts';
import { createCategories } from '../baseline/categories/categories.ts';
import { createActionPlaces, createResourceModel } from '../baseline/categories/resource-model.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import { createSessions } from '../baseline/tables/sessions.ts';
import { allOf } from '../state.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
  type View,
} from './detector.ts';

/** A session of an LLM agent in which an answer of a strange size came, and then something strange was touched. */
export const turnedSession: Detector = {
  name: 'turned-session',
  headline: 'a session that changed course after an answer',
  summary: "A tool's answer unlike any before, and after it a target unlike any before, within one session",
  source:
    'Fisher 1925, Statistical Methods for Research Workers, 21.1, over the least likely answer and a target after it',
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

/** Fields of a session: ln p of its least likely answer, and how many answers it had. */
const answerLnP = 0;
const answers = 1;
const sessionFields = 2;

/** How a session stands: its least likely answer, of how many, and then what it touches. */
interface Turn {
  answerLnP: number;
  answers: number;
  targetLnP: number;
}

const sizeOf = (bytes: number) => Math.round(Math.log(sizeGrain + bytes) / sizeStep);

function createTurnedSession({ agents }: Surroundings): DetectorModel {
  const places = createActionPlaces('answers');
  const sizes = createCategories('answers');
  const resources = createResourceModel('targets');
  const sessions = createRunningSessions();
  const turn: Turn = { answerLnP: 0, answers: 0, targetLnP: 0 }; // scratch: the hot path allocates nothing

  const answerOf = (view: View) => {
    const { bytes_in: bytes } = view.event;
    return bytes === undefined ? 0 : sizes.score(places.find(view), sizeOf(bytes));
  };
  /**
   * The more surprising of what a view touches after the answers before it, and of the answers with its own. Its own
   * answer is no cause of what it touches, and a stranger's answer is strange anyway.
   */
  const turnOf = (view: View): Turn => {
    const session = sessions.find(view);
    turn.answerLnP = session?.[answerLnP] ?? 0;
    turn.answers = session?.[answers] ?? 0;
    turn.targetLnP = resources.rarest(view).lnP;
    const latest = Math.min(turn.answerLnP, answerOf(view));
    if (-logLeast(latest, turn.answers + 1) <= surpriseOf(turn)) return turn;
    turn.answerLnP = latest;
    turn.answers += 1;
    turn.targetLnP = 0;
    return turn;
  };
  const isJudged = (view: View) => view.side === 'source' && isToolCall(view.event);

  return {
    score: (view) => (isJudged(view) ? logFisher(2, surpriseOf(turnOf(view))) : noTest),
    evidence: (view) => {
      const found = turnOf(view);
      const target =
        found.targetLnP < 0 ? resources.working(view) : knownStep('nothing strange was touched after it', 0);
      return tell(view, found, { target, group: agents.groupName(view.group) });
    },
    learn: (view, weight) => {
      if (!isJudged(view)) return;
      const { bytes_in: bytes } = view.event;
      const session = sessions.open(view);
      if (bytes !== undefined) {
        session[answerLnP] = Math.min(session[answerLnP] ?? 0, answerOf(view));
        session[answers] = (session[answers] ?? 0) + 1;
        sizes.learn(places.intern(view), sizeOf(bytes), weight);
      }
      resources.learn(view, weight);
    },
    agentBelongings: (agent, visit) => {
      places.belongings(agent, visit, (context) => sizes.belongings(context, visit));
      resources.belongings(agent, visit);
    },
    ...allOf([places, sizes, resources, sessions]),
  };
}

/** Sessions by their name, or that of their trace; without one a session lasts until its agent pauses. */
function createRunningSessions() {
  const named = createSessions('sessions', { fields: sessionFields, restMsMax: sessionRestMs });
  const unnamed = createSessions('pauses', { fields: sessionFields, restMsMax: pauseMs });
  const nameOf = ({ event }: View) => event.session ?? event.trace_id;
  const keyOf = (view: View) => `${view.agent} ${nameOf(view) ?? ''}`;
  const of = (view: View) => (nameOf(view) === undefined ? unnamed : named);
  return {
    find: (view: View) => of(view).find(keyOf(view), view.time),
    open: (view: View) => of(view).open(keyOf(view), view.time),
    ...allOf([named, unnamed]),
  };
}

/** −ln p of the least likely of so many answers, and −ln p of the target: of this call alone, so one look. */
function surpriseOf(turn: Turn): number {
  return -(logLeast(turn.answerLnP, turn.answers) + turn.targetLnP);
}

/** Of an earlier answer it is known how likely it was, no longer why. */
function knownStep(name: string, lnP: number, tries = 1): WorkingStep {
  return { name, formula: 'known', numbers: { lnP }, tries };
}

function tell(
  { event, time }: View,
  found: Turn,
  { target, group }: { readonly target: WorkingStep; readonly group: string },
): DetectorEvidence {
  const { action = 'a call', bytes_in: bytes = 0, source } = event;
  const answerP = percent(logLeast(found.answerLnP, found.answers));
  const then =
    found.targetLnP < 0
      ? `, and then ${target.name} was touched, as ${percent(found.targetLnP)} of such calls would`
      : '';
  return {
    observed: bytes,
    expected: null,
    lower: null,
    upper: null,
    unit: 'bytes of the latest answer',
    baseline_source: 'mixed',
    group,
    group_expected: null,
    subject: found.targetLnP < 0 ? target.name : action,
    from: time,
    to: time,
    sentence: `In one session of ${source} a tool answered at a size that ${answerP} of sessions see${then} (latest: ${action})`,
    working: {
      combine: 'fisher',
      steps: [
        knownStep('the least likely size of an answer', found.answerLnP, Math.max(1, found.answers)),
        target,
      ],
    },
  };
}

const percent = (lnP: number) => `${(100 * Math.exp(lnP)).toPrecision(2)} %`;
