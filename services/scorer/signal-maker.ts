import { createHash } from 'node:crypto';
import type { Reckoning } from '#shared/explain/reckoning.ts';
import type { Working } from '#shared/explain/working.ts';
import type { Evidence, Signal } from '#shared/signal.ts';
import type { Agents } from './baseline/agents.ts';
import type { FirstSeenTable } from './baseline/first-seen.ts';
import type { GroupMembers } from './baseline/group-members.ts';
import type { Versions } from './baseline/versions.ts';
import { lengthText } from './baseline/wording.ts';
import { type Finding, rulePs, type View } from './detectors/detector.ts';
import { aspectOf, type Watch } from './judge.ts';

/** Writes down what made a window or a finding a signal. */
export interface SignalMaker {
  /** What a window shows at this view; `undefined` where no test stands behind it. */
  ofWindow(view: View, told: ToldWindow): Signal | undefined;
  ofFinding(detector: string, finding: Finding): Signal;
}

interface ToldWindow {
  /** ln p of the window, calibrated. */
  readonly lnP: number;
  /** ln p by detector; above 0 = no test. */
  readonly lnPs: Float64Array;
  /** How many times the window has told, with this time. */
  readonly tier: number;
  readonly reckoning: Reckoning;
}

export interface SignalMakerOptions {
  readonly watches: readonly Watch[];
  readonly agents: Agents;
  readonly firstSeen: FirstSeenTable;
  readonly versions: Versions;
  readonly members: GroupMembers;
  readonly windowMs: number;
}

// What each test must be worth to be listed as evidence beside the strongest, and how many are.
const evidenceLnPMax = Math.log(0.05);
const evidenceMax = 6;

export function createSignalMaker(options: SignalMakerOptions): SignalMaker {
  const { watches, agents, firstSeen, versions, members, windowMs } = options;
  const withMembers = (evidence: Evidence, agent: number): Evidence => {
    const group = agents.group(agent);
    return evidence.group === agents.groupName(group)
      ? { ...evidence, group_members: Math.max(1, members.count(group)) }
      : evidence;
  };
  /** Names the release that may be why an agent is unlike itself; it excuses no broken rule. */
  const withRelease = (evidence: Evidence, slots: readonly number[], time: number): Evidence => {
    const agent = slots.find((slot) => versions.changeOf(slot, time) !== undefined) ?? -1;
    const change = versions.changeOf(agent, time);
    if (change === undefined || isRule(watches, evidence.detector)) return evidence;
    const name = agents.id(agent);
    const release = `${name} went from version ${change.from} to ${change.to} ${lengthText(time - change.at)} before`;
    const note = `${release}: if that explains it, run \`amiss versions accept ${name}\``;
    return { ...evidence, sentence: `${evidence.sentence} (${note})` };
  };
  return {
    ofWindow: (view, { lnP, lnPs, tier, reckoning }) => {
      const evidence = evidenceOf(watches, view, lnPs).map((one) => withMembers(one, view.agent));
      const [first, ...others] = evidence;
      if (first === undefined) return undefined;
      const { event } = view;
      const agent = agents.id(view.agent);
      const start = Math.floor(view.time / windowMs) * windowMs;
      const cause = `${first.detector}/${view.side}/${agent}`;
      return {
        id: signalId([event.space, cause, String(start), String(tier)]),
        time: view.time,
        space: event.space,
        agent,
        peer: agents.id(view.peer),
        cause,
        p: Math.exp(lnP),
        score: -lnP / Math.LN10,
        evidence: [withRelease(first, [view.agent, view.peer], view.time), ...others],
        first_seen: firstSeen.of(view),
        events: [event.id],
        trace_id: event.trace_id ?? null,
        reckoning,
      };
    },
    ofFinding: (detector, { evidence, ...finding }) => {
      const { lnP, time } = finding;
      const agent = agents.id(finding.agent);
      const space = agents.space(finding.agent);
      const cause = `${detector}/${agent}`;
      const p = Math.exp(lnP);
      const told = withMembers({ detector, p, ...evidence }, finding.agent);
      return {
        id: signalId([space, cause, String(time)]),
        time,
        space,
        agent,
        peer: finding.peer < 0 ? null : agents.id(finding.peer),
        cause,
        p,
        score: -lnP / Math.LN10,
        evidence: [withRelease(told, [finding.agent, finding.peer], time)],
        first_seen: null,
        events: [],
        trace_id: null,
        reckoning: reckoningOf(watches, detector, lnP),
      };
    },
  };
}

function isRule(watches: readonly Watch[], name: string): boolean {
  return watches.some(({ detector }) => detector.name === name && detector.kind === 'rule');
}

function evidenceOf(watches: readonly Watch[], view: View, lnPs: Float64Array): Evidence[] {
  const strong: { readonly watch: Watch; readonly lnP: number }[] = [];
  for (const [i, watch] of watches.entries()) {
    const lnP = lnPs[i] ?? 1;
    if (lnP <= 0) strong.push({ watch, lnP });
  }
  strong.sort((a, b) => a.lnP - b.lnP); // stable: equally strong ones stay in the detectors' order
  const listed = strong.filter(({ lnP }, i) => i === 0 || lnP <= evidenceLnPMax).slice(0, evidenceMax);
  return listed.map(({ watch, lnP }) => ({
    detector: watch.detector.name,
    p: Math.exp(lnP),
    ...watch.model.evidence(view),
    ...(watch.detector.kind === 'rule' && { working: tierWorking(lnP) }),
  }));
}

/** A finding stands alone, as its detector has it. */
function reckoningOf(watches: readonly Watch[], name: string, lnP: number): Reckoning {
  const watch = watches.find(({ detector }) => detector.name === name);
  const aspect = watch === undefined ? 'what' : aspectOf(watch.detector);
  return { tests: { [aspect]: { [name]: lnP } }, calibration: null };
}

/** The working of a rule: its p stands for a tier. */
function tierWorking(lnP: number): Working {
  const p = Math.exp(lnP);
  const tier = Object.entries(rulePs).find(([, of]) => Math.abs(of / p - 1) < 1e-9);
  const known = tier ?? ['a tier of its own', p];
  return { combine: 'product', steps: [{ name: known[0], formula: 'tier', numbers: { p: known[1] } }] };
}

const signalIdCharacters = 32; // 128 bits of SHA-256

function signalId(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, signalIdCharacters);
}
