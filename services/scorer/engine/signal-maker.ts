import { createHash } from 'node:crypto';
import type { Reckoning } from '#shared/explain/reckoning.ts';
import type { Working } from '#shared/explain/working.ts';
import { rulePs } from '#shared/rule-tiers.ts';
import type { Evidence, Signal } from '#shared/signal.ts';
import type { FirstSeenTable } from '../baseline/categories/first-seen.ts';
import type { Agents } from '../baseline/members/agents.ts';
import type { GroupMembers } from '../baseline/members/group-members.ts';
import type { Versions } from '../baseline/members/versions.ts';
import type { DetectorEvidence, Finding, View } from '../detectors/detector.ts';
import { lengthText, momentText, numberText } from '../wording.ts';
import type { Watch } from './judge.ts';
import { type RunWith, weakEvidence } from './weak-evidence.ts';

/** Writes down what made a window or a finding a signal. */
export interface SignalMaker {
  /** What a window shows at this view; `undefined` where no test stands behind it. */
  ofWindow(view: View, told: ToldWindow): Signal | undefined;
  ofFinding(detector: string, finding: Finding): Signal;
  /** What lasts, as of this view. */
  ofLasting(view: View, told: ToldRun): Signal;
}

interface ToldRun {
  /** ln p of the run, calibrated. */
  readonly lnP: number;
  /** ln p by detector of the newest window; above 0 = no test. */
  readonly lnPs: Float64Array;
  /** How many times the run has told, with this time. */
  readonly tier: number;
  readonly run: RunWith;
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

interface SignalParts {
  readonly cause: string;
  /** What tells it apart from others of its cause. */
  readonly key: readonly string[];
  readonly evidence: Evidence[];
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
  const { watches, agents, firstSeen, windowMs } = options;
  const { withMembers, withRelease } = additionsOf(options);
  const signalOf = (
    view: View,
    { lnP, cause, key, evidence }: Pick<ToldWindow, 'lnP'> & SignalParts,
  ): Omit<Signal, 'reckoning'> => ({
    id: signalId([view.event.space, cause, ...key]),
    time: view.time,
    space: view.event.space,
    agent: agents.id(view.agent),
    peer: agents.id(view.peer),
    cause,
    p: Math.exp(lnP),
    score: -lnP / Math.LN10,
    evidence,
    first_seen: firstSeen.of(view),
    events: [view.event.id],
    trace_id: view.event.trace_id ?? null,
  });
  return {
    ofWindow: (view, { lnP, lnPs, tier, reckoning }) => {
      const evidence = evidenceOf(watches, view, lnPs).map((one) => withMembers(one, view.agent));
      const [first, ...others] = evidence;
      if (first === undefined) return undefined;
      const start = Math.floor(view.time / windowMs) * windowMs;
      const cause = `${first.detector}/${view.side}/${agents.id(view.agent)}`;
      const told = [withRelease(first, [view.agent, view.peer], view.time), ...others];
      const key = [String(start), String(tier)];
      return { ...signalOf(view, { lnP, cause, key, evidence: told }), reckoning };
    },
    ofLasting: (view, { lnP, lnPs, tier, run }) => {
      const cause = `${weakEvidence.name}/${view.side}/${agents.id(view.agent)}`;
      const found = lastingEvidence(run, agents, view);
      const lasting = { detector: weakEvidence.name, p: Math.exp(lnP), ...found };
      const shown = [lasting, ...evidenceOf(watches, view, lnPs).slice(0, evidenceMax - 1)];
      const evidence = shown.map((one) => withMembers(one, view.agent));
      const parts = { lnP, cause, key: [String(run.from), String(tier)], evidence };
      return { ...signalOf(view, parts), reckoning: reckoningOf(weakEvidence.name, lnP) };
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
        events: [...(finding.events ?? [])],
        trace_id: null,
        reckoning: reckoningOf(detector, lnP),
      };
    },
  };
}

/** What evidence is told with beside what its detector says. */
function additionsOf({ watches, agents, versions, members }: SignalMakerOptions) {
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
    return {
      ...evidence,
      sentence: `${evidence.sentence} (${note})`,
      release: { agent: name, ...change },
    };
  };
  return { withMembers, withRelease };
}

function isRule(watches: readonly Watch[], name: string): boolean {
  return watches.some(({ detector }) => detector.name === name && detector.kind === 'rule');
}

function lastingEvidence(
  { from, windows, mean, numbers }: RunWith,
  agents: Agents,
  view: View,
): DetectorEvidence {
  const agent = agents.id(view.agent);
  return {
    observed: mean,
    expected: 1,
    lower: null,
    upper: null,
    unit: 'times the surprise of its usual five minutes',
    baseline_source: 'mixed',
    group: agents.groupName(view.group),
    group_expected: null,
    subject: null,
    from,
    to: view.time,
    sentence: `${agent} has been a little unusual in ${windows} stretches of five minutes since ${momentText(from)}: ${numberText(mean)} times as surprising as it usually is, none of them remarkable by itself`,
    working: {
      combine: 'product',
      steps: [{ name: 'what its windows add up to', formula: 'lasting', numbers: { ...numbers } }],
    },
  };
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

/** A finding, and what lasts, stands alone: beside what events show. */
const reckoningOf = (name: string, lnP: number): Reckoning => ({
  tests: { rule: { [name]: lnP } },
  calibration: null,
});

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
