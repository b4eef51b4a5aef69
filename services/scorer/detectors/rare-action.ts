import { createCategories, type Place } from '../baseline/categories.ts';
import { createNames } from '../baseline/names.ts';
import { isToolCall } from '../baseline/tool-call.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** An agent does something that it, or nobody of its kind, ever does. */
export const rareAction: Detector = {
  name: 'rare-action',
  headline: 'does what it never does',
  summary: 'What an agent does, against what it and its group do',
  source: 'Detection reference 2.3; Good 1953, Biometrika 40; Teh 2006, ACL',
  kind: 'statistic',
  side: 'source',
  needs: ['action'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1078', name: 'Valid Accounts' },
    { framework: 'ATLAS', id: 'AML.T0053', name: 'AI Agent Tool Invocation' },
  ],
  create: createRareAction,
};

const actionsMax = 65_536;

function createRareAction({ agents }: Surroundings): DetectorModel {
  const actions = createNames('actions', actionsMax);
  const categories = createCategories('actions');
  const place: Place = { own: -1, group: -1, peers: 0 };
  const placeOf = (view: View) => {
    place.own = view.agent;
    place.group = view.group;
    place.peers = view.group;
    return place;
  };
  return {
    score: (view) => {
      const { action } = view.event;
      if (!isJudged(view) || action === undefined) return noTest;
      return categories.score(placeOf(view), actions.find(action));
    },
    evidence: (view) => {
      const { action = '', source } = view.event;
      const { own, members, total } = categories.standing(placeOf(view), actions.find(action));
      return {
        observed: own,
        expected: null,
        lower: null,
        upper: null,
        unit: 'earlier times',
        baseline_source: total === 0 ? 'group' : total < 20 ? 'mixed' : 'self',
        group: agents.groupName(view.group),
        group_expected: members,
        subject: action,
        from: view.time,
        to: view.time,
        sentence:
          own > 0
            ? `${source} did ${action}, which it does seldom: ${Math.ceil(own)} of ${Math.round(total)} calls`
            : members > 0
              ? `${source} did ${action} for the first time in ${Math.round(total)} calls; ${members} of its group do`
              : `${source} did ${action}, which neither it (${Math.round(total)} calls) nor its group ever did`,
        working: {
          combine: 'product',
          steps: [
            {
              name: action,
              formula: 'category',
              numbers: { ...categories.numbers(placeOf(view), actions.find(action)) },
            },
          ],
          counted: {
            what: 'events',
            source,
            destination: null,
            from: agents.firstSeen(view.agent),
            to: view.time - 1,
            action,
          },
        },
      };
    },
    learn: (view, weight) => {
      const { action } = view.event;
      if (!isJudged(view) || action === undefined) return;
      categories.learn(placeOf(view), actions.intern(action), weight);
    },
    agentBelongings: categories.belongings,
    save: (state) => {
      actions.save(state);
      categories.save(state);
    },
    restore: (state) => {
      actions.restore(state);
      categories.restore(state);
    },
  };
}

/**
 * Which of its tools a language model calls follows from its task, and tasks change: what it does with them is judged
 * by `new-resource` and `turned-session`.
 */
const isJudged = (view: View) => view.side === 'source' && !isToolCall(view.event);
