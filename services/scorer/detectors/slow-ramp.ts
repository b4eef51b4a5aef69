import { createDaySamples } from '../baseline/counts/day-samples.ts';
import { createRamps, type Ramp, type Ramps } from '../baseline/counts/ramps.ts';
import { createRecords } from '../baseline/tables/records.ts';
import { numberText } from '../wording.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
} from './detector.ts';

/** An agent does a little more every day, and no day of it is unusual. */
export const slowRamp: Detector = {
  name: 'slow-ramp',
  headline: 'does more from day to day than it used to',
  summary: 'Calls, and bytes moved, of an agent by day, against its days of weeks ago',
  source: 'CUSUM on the logarithm of the likelihood ratio: Page 1954, Biometrika 41; detection reference 2.1',
  kind: 'statistic',
  side: 'source',
  aspect: 'volume',
  techniques: [
    { framework: 'ATT&CK', id: 'T1213', name: 'Data from Information Repositories' },
    { framework: 'ATT&CK', id: 'T1030', name: 'Data Transfer Size Limits' },
  ],
  create: createSlowRamp,
};

const dayMs = 86_400_000;
const kilobyte = 1024;

/** What is counted by day, and how to speak of it. */
interface Measure {
  readonly ramps: Ramps;
  readonly unit: string;
}

function createSlowRamp({ agents }: Surroundings): DetectorModel {
  const calls: Measure = { ramps: createRamps('calls'), unit: 'calls' };
  const moved: Measure = { ramps: createRamps('bytes'), unit: 'kilobytes sent and received' };
  const measures = [calls, moved];
  const samples = createDaySamples('samples');
  const ownerOf = (slot: number) => ({ slot, agent: agents.id(slot) });
  const clock = createRecords('clock', 1); // by space: its running day + 1
  return {
    score: () => noTest,
    // Only findings are told, with their own evidence: no view is ever a test.
    evidence: (view) =>
      evidenceOf(agents, view.agent, view.time, {
        ramp: nothing,
        unit: calls.unit,
      }),
    learn: (view) => {
      const { agent, event, isPlanned, time } = view;
      const bytes = (event.bytes_out ?? 0) + (event.bytes_in ?? 0);
      calls.ramps.add(agent, time, 1, isPlanned);
      if (bytes > 0) moved.ramps.add(agent, time, bytes / kilobyte, isPlanned);
      if (calls.ramps.isRising(agent) || moved.ramps.isRising(agent))
        samples.note(ownerOf(agent), time, event.id);
    },
    advance: ({ space, time }, report) => {
      const today = Math.floor(time / dayMs) + 1;
      const at = clock.at(space);
      if (clock.data[at] === today) return;
      clock.data[at] = today;
      const midnight = (today - 1) * dayMs;
      const members = agents.slots().filter((agent) => agents.population(agent) === space);
      for (const { ramps, unit } of measures) {
        ramps.close({ members, groupOf: agents.group }, midnight, (agent, ramp) => {
          const evidence = evidenceOf(agents, agent, midnight, { ramp, unit });
          const events = samples.of(ownerOf(agent));
          report({ agent, peer: -1, lnP: ramp.lnP, time: midnight, evidence, events });
        });
      }
      samples.forget((agent) => agents.population(agent) === space);
    },
    agentBelongings: (agent, visit) => {
      for (const { ramps } of measures) ramps.belongings(agent, visit);
    },
    save: (state) => {
      clock.save(state);
      samples.save(state);
      for (const { ramps } of measures) ramps.save(state);
    },
    restore: (state) => {
      clock.restore(state);
      samples.restore(state);
      for (const { ramps } of measures) ramps.restore(state);
    },
  };
}

const nothing: Ramp = {
  lnP: 0,
  days: 1,
  observed: 0,
  expected: 0,
  numbers: { sum: 0, observed: 0, exceeded: 0, shape: 0, spread: 1 },
};

function evidenceOf(
  agents: Surroundings['agents'],
  agent: number,
  time: number,
  { ramp, unit }: { readonly ramp: Ramp; readonly unit: string },
): DetectorEvidence {
  const { days, observed, expected, numbers } = ramp;
  return {
    observed,
    expected,
    lower: null,
    upper: null,
    unit: `${unit} a day, mean of ${days} ${days === 1 ? 'day' : 'days'}`,
    baseline_source: 'self',
    group: agents.groupName(agents.group(agent)),
    group_expected: null,
    subject: null,
    from: time - days * dayMs,
    to: time,
    sentence: `${agents.id(agent)} has had ${numberText(observed)} ${unit} a day for ${days} ${days === 1 ? 'day' : 'days'}, where ${numberText(expected)} were usual before`,
    working: {
      combine: 'product',
      steps: [{ name: 'days that grow', formula: 'cusum', numbers: { ...numbers } }],
    },
  };
}
