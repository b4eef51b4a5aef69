import { createResourceModel } from '../baseline/categories/resource-model.ts';
import { type Detector, noTest } from './detector.ts';

/** An agent acts on somebody or something that it, or nobody of its kind, ever acted on. */
export const newResource: Detector = {
  name: 'new-resource',
  headline: 'touches what nobody like it has touched',
  summary: 'Whom or what an action touches, against what the agent and its group touched with that action',
  source: 'Detection reference 2.3; Good 1953, Biometrika 40; Teh 2006, ACL',
  kind: 'statistic',
  side: 'source',
  needs: ['resources'],
  techniques: [
    { framework: 'ATT&CK', id: 'T1567', name: 'Exfiltration Over Web Service' },
    { framework: 'ATLAS', id: 'AML.T0086', name: 'Exfiltration via AI Agent Tool Invocation' },
  ],
  create: (surroundings) => {
    const model = createResourceModel('resources');
    return {
      score: (view) => {
        const { resources } = view.event;
        if (view.side !== 'source' || resources === undefined || resources.length === 0) return noTest;
        return model.rarest(view).lnP;
      },
      evidence: (view) => {
        const { lnP, resource } = model.rarest(view);
        const { own, members, total } = model.standing(view, resource);
        const action = view.event.action ?? 'this action';
        return {
          observed: own,
          expected: null,
          lower: null,
          upper: null,
          unit: 'earlier uses',
          baseline_source: total === 0 ? 'group' : total < 20 ? 'mixed' : 'self',
          group: surroundings.agents.groupName(view.group),
          group_expected: members,
          subject: resource,
          from: view.time,
          to: view.time,
          sentence:
            `${view.event.source} used ${action} on ${resource}, which ` +
            (own > 0
              ? `it does in ${(100 * Math.exp(lnP)).toPrecision(2)} % of cases or fewer`
              : members > 0
                ? `it never did in ${Math.round(total)} uses (${members} of its group have)`
                : `neither it (${Math.round(total)} uses) nor anybody of its group ever did`),
          working: {
            combine: 'product',
            steps: [model.working(view)],
            counted: {
              what: 'events',
              source: view.event.source,
              destination: null,
              from: surroundings.agents.firstSeen(view.agent),
              to: view.time - 1,
              resource,
              ...(view.event.action !== undefined && { action: view.event.action }),
            },
          },
        };
      },
      learn: (view, weight) => {
        if (view.side === 'source') model.learn(view, weight);
      },
      agentBelongings: model.belongings,
      save: model.save,
      restore: model.restore,
    };
  },
};
