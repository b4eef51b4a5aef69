import { createHours } from '../baseline/categories/hours.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings } from './detector.ts';

/** An agent is active at an hour of the week in which it hardly ever is. */
export const rareHour: Detector = {
  name: 'rare-hour',
  headline: 'active at an hour that is unusual for it',
  summary: 'Calls in an hour of the week in which the agent is hardly ever active, from its second week on',
  source: 'Beta-binomial shares of 168 hours, with the group as prior: detection reference, 2.1 and 2.3',
  kind: 'statistic',
  side: 'source',
  aspect: 'when',
  techniques: [{ framework: 'ATT&CK', id: 'T1078', name: 'Valid Accounts' }],
  create: createRareHour,
};

// Before an agent has shown a whole week, and begun another, each hour of it is new.
const knownWeeksMin = 1;
const hourMs = 3_600_000;

function createRareHour({ agents }: Surroundings): DetectorModel {
  const hours = createHours('hours');
  return {
    score: ({ side, agent, group, time }) =>
      side === 'destination' ||
      !hours.isFirst(agent, time) ||
      hours.describe(agent, time).weeks < knownWeeksMin
        ? noTest
        : hours.score(agent, group, time),
    evidence: ({ agent, group, time }) => {
      const { weeks, active } = hours.describe(agent, time);
      const from = Math.floor(time / hourMs) * hourMs;
      const moment = hourText(from);
      return {
        observed: active,
        expected: null,
        lower: null,
        upper: null,
        unit: 'weeks in which it was active in this hour, older ones for less',
        baseline_source: 'mixed',
        group: agents.groupName(group),
        group_expected: null,
        subject: moment,
        from,
        to: from + hourMs,
        sentence: `${agents.id(agent)} is active on ${moment}, as it ${habitText(active, weeks)}`,
        working: {
          combine: 'product',
          steps: [{ name: moment, formula: 'hour', numbers: { ...hours.numbers(agent, group, time) } }],
          counted: {
            what: 'weeks',
            source: agents.id(agent),
            destination: null,
            from: agents.firstSeen(agent),
            to: from - 1,
          },
        },
      };
    },
    learn: ({ side, agent, group, time }, weight) => {
      if (side === 'source') hours.learn(agent, group, time, weight);
    },
    agentBelongings: hours.belongings,
    save: hours.save,
    restore: hours.restore,
  };
}

/** How often it was so before: weeks count for less as they grow older, so that they are told in whole ones. */
function habitText(active: number, weeks: number): string {
  const all = Math.max(1, Math.round(weeks));
  const so = Math.round(active);
  return `was in ${so === 0 ? 'none' : so} of about ${all} ${all === 1 ? 'week' : 'weeks'}`;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** An hour of the week as people read it: `Monday 03:00 UTC`. */
function hourText(time: number): string {
  const date = new Date(time);
  return `${days[date.getUTCDay()] ?? ''} ${String(date.getUTCHours()).padStart(2, '0')}:00 UTC`;
}
