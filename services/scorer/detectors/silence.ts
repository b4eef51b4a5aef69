import { createPauses, type Pause } from '../baseline/pauses.ts';
import { createRecords } from '../baseline/records.ts';
import { lengthText } from '../baseline/wording.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  type Finding,
  noTest,
  type Surroundings,
} from './detector.ts';

/** An agent that always spoke has stopped. */
export const silence: Detector = {
  name: 'silence',
  headline: 'fell silent',
  summary:
    'An agent that has not called anybody for twice as long as ever in the last weeks, while others go on',
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

function createSilence({ agents }: Surroundings): DetectorModel {
  const pauses = createPauses('pauses', agents.population);
  const heard = createRecords('heard', 1); // by space: was anybody heard in this minute?
  return {
    score: () => noTest,
    // Only findings are told, with their own evidence: no view is ever a test.
    evidence: (view) => evidenceOf(agents, view.agent, view.time, nothing),
    learn: (view) => {
      const at = heard.at(agents.population(view.agent)); // makes room, so before `data` is read
      heard.data[at] = 1;
      if (view.side === 'source') pauses.spoke(view.agent, view.time);
    },
    advance: ({ space, time }, report) => {
      // Where nobody is heard the log has stopped, not its agents.
      const at = heard.at(space);
      if ((heard.data[at] ?? 0) === 0) return;
      heard.data[at] = 0;
      pauses.tick(space, time, (agent, pause) => report(findingOf(agents, agent, time, pause)));
    },
    forgetAgent: pauses.forget,
    save: (state) => {
      pauses.save(state);
      heard.save(state);
    },
    restore: (state) => {
      pauses.restore(state);
      heard.restore(state);
    },
  };
}

const nothing: Pause = { lnP: 0, minutes: 1, longestMinutes: 1, pauses: 0 };

function findingOf(agents: Surroundings['agents'], agent: number, time: number, pause: Pause): Finding {
  return { agent, peer: -1, lnP: pause.lnP, time, evidence: evidenceOf(agents, agent, time, pause) };
}

function evidenceOf(
  agents: Surroundings['agents'],
  agent: number,
  time: number,
  pause: Pause,
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
    sentence: `${agents.id(agent)} has called nobody for ${lengthText(minutes * minuteMs)} in which others called; its longest pause of the last weeks was ${lengthText(longestMinutes * minuteMs)}`,
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
