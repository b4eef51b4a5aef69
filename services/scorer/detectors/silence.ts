import { createSources } from '../baseline/members/sources.ts';
import { createSpeakingGroups } from '../baseline/members/speaking-groups.ts';
import { createPauses, type Pause } from '../baseline/sequences/pauses.ts';
import { createRecords } from '../baseline/tables/records.ts';
import { allOf } from '../state.ts';
import { lengthText } from '../wording.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
} from './detector.ts';

/** An agent that always spoke has stopped; or all of a group have, or whoever tells us of many. */
export const silence: Detector = {
  name: 'silence',
  headline: 'fell silent',
  summary:
    'An agent, a peer group, a shipper or an observer not heard of for twice as long as ever in the last weeks, while others go on',
  source:
    'The longest of exchangeable pauses, with a Pareto tail: Rényi 1962; Pickands 1975, Annals of Statistics 3(1)',
  kind: 'statistic',
  aspect: 'when',
  techniques: [
    { framework: 'ATT&CK', id: 'T1489', name: 'Service Stop' },
    { framework: 'ATT&CK', id: 'T1562', name: 'Impair Defenses' },
  ],
  create: createSilence,
};

const minuteMs = 60_000;
// A group of fewer is its members.
const groupMin = 3;

function createSilence({ agents }: Surroundings): DetectorModel {
  const heard = createRecords('heard', 1); // by space: was anybody heard in this minute?
  const sources = createSources('sources');
  const groups = createSpeakingGroups('groups');
  const pauses = {
    agents: createPauses('pauses', agents.population),
    sources: createPauses('source-pauses', sources.spaceOf),
    groups: createPauses('group-pauses', groups.spaceOf),
  };
  const parts = [heard, sources, groups, ...Object.values(pauses)];
  // Whoever is silent because its group is, or because nobody tells us of it, has not fallen silent itself.
  const isSourceSilent = (agent: number) =>
    sources.of(agent).some((source) => pauses.sources.isMissed(source) && sources.isShared(source));
  const isGroupSilent = (group: number) => groups.members(group) >= groupMin && pauses.groups.isMissed(group);

  return {
    score: () => noTest,
    // Only findings are told, with their own evidence: no view is ever a test.
    evidence: ({ agent, time }) => tell(agents, agent, { pause: nothing, silent: agents.id(agent), time }),
    learn: ({ agent, event, group, side, time }) => {
      const space = agents.population(agent);
      const at = heard.at(space); // makes room, so before `data` is read
      heard.data[at] = 1;
      if (side === 'destination') return;
      pauses.agents.spoke(agent, time);
      groups.hear(group, agent, space);
      pauses.groups.spoke(group, time);
      sources.hear({ agent, space, time, event }, (source) => pauses.sources.spoke(source, time));
    },
    advance: ({ space, time }, report) => {
      // Where nobody is heard the log has stopped, not its agents.
      const at = heard.at(space);
      if ((heard.data[at] ?? 0) === 0) return;
      heard.data[at] = 0;
      const find = (agent: number, pause: Pause, silent: string) =>
        report({
          agent,
          peer: -1,
          lnP: pause.lnP,
          time,
          evidence: tell(agents, agent, { pause, silent, time }),
        });
      pauses.sources.tick(space, time, (source, pause) => {
        if (!sources.isShared(source)) return; // of one agent alone, its silence is that agent's
        find(sources.agentOf(source), pause, `nothing has come through ${sources.title(source)}`);
      });
      pauses.groups.tick(space, time, (group, pause) => {
        const [members, newest] = [groups.members(group), groups.agentOf(group)];
        if (members < groupMin || isSourceSilent(newest)) return;
        find(newest, pause, `none of ${members} agents like ${agents.id(newest)} has called anybody`);
      });
      pauses.agents.tick(space, time, (agent, pause) => {
        if (isSourceSilent(agent) || isGroupSilent(agents.group(agent))) return;
        find(agent, pause, `${agents.id(agent)} has called nobody`);
      });
    },
    forgetAgent: (agent) => {
      pauses.agents.forget(agent);
      sources.forget(agent);
      groups.forget(agent);
    },
    ...allOf(parts),
  };
}

const nothing: Pause = { lnP: 0, minutes: 1, longestMinutes: 1, pauses: 0 };

interface Silence {
  readonly pause: Pause;
  /** Who it is that is silent. */
  readonly silent: string;
  readonly time: number;
}

function tell(
  agents: Surroundings['agents'],
  agent: number,
  { pause, silent, time }: Silence,
): DetectorEvidence {
  const { minutes, longestMinutes, pauses } = pause;
  return {
    observed: minutes,
    expected: null,
    lower: null,
    upper: longestMinutes,
    unit: 'minutes without a call, of those in which anybody called',
    baseline_source: 'self',
    group: agents.groupName(agents.group(agent)),
    group_expected: null,
    subject: null,
    from: time - minutes * minuteMs,
    to: time,
    sentence: `${silent} for ${lengthText(minutes * minuteMs)} in which others called; its longest pause of the last weeks was ${lengthText(longestMinutes * minuteMs)}`,
    working: {
      combine: 'product',
      steps: [
        {
          name: 'the running pause',
          formula: 'pause',
          numbers: { pauses, minutes, longest: longestMinutes },
        },
      ],
    },
  };
}
