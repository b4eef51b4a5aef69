import { createCategories, type Standing } from '../baseline/categories/categories.ts';
import type { Place } from '../baseline/categories/category-counts.ts';
import { isToolCall } from '../baseline/members/tool-call.ts';
import { createNames } from '../baseline/tables/names.ts';
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

// Which of its tools a language model calls follows from its task, and tasks change: what it does with them is judged by
// `new-resource` and `turned-session`. A tool that none of its group ever called is another matter.
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
  // Of a language model only what is new to all of its group is judged, and by how often its group has something new.
  const nowhere: Place = { own: -1, group: -1, peers: 0 };
  const judgedAt = (view: View) => {
    if (!isToolCall(view.event)) return placeOf(view);
    nowhere.peers = view.group;
    return nowhere;
  };
  const isOrdinaryTool = (view: View, action: number) =>
    isToolCall(view.event) && categories.standing(placeOf(view), action).shared >= 1;

  return {
    score: (view) => {
      if (view.event.action === undefined) return noTest;
      const action = actions.find(view.event.action);
      return isOrdinaryTool(view, action) ? noTest : categories.score(judgedAt(view), action);
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
        sentence: sentenceOf(`${source} did ${action}`, { own, members, total }),
        working: {
          combine: 'product',
          steps: [
            {
              name: action,
              formula: 'category',
              numbers: { ...categories.numbers(judgedAt(view), actions.find(action)) },
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
      if (action !== undefined) categories.learn(placeOf(view), actions.intern(action), weight);
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

function sentenceOf(
  deed: string,
  { own, members, total }: Pick<Standing, 'own' | 'members' | 'total'>,
): string {
  const calls = Math.round(total);
  if (own > 0) return `${deed}, which it does seldom: ${Math.ceil(own)} of ${calls} calls`;
  if (members > 0) return `${deed} for the first time in ${calls} calls; ${members} of its group do`;
  return `${deed}, which neither it (${calls} calls) nor its group ever did`;
}
