import type { WorkingStep } from '#shared/explain/working.ts';
import { logFisher } from '#shared/stats/log-fisher.ts';
import { type Acquaintance, createAcquaintance } from '../baseline/categories/acquaintance.ts';
import { type Chain, createChains } from '../baseline/sequences/chains.ts';
import { walkText } from '../baseline/sequences/walk.ts';
import { lengthText, momentText } from '../wording.ts';
import { type Detector, type DetectorModel, noTest, type Surroundings, type View } from './detector.ts';

/** Somebody was called by a stranger, and within half an hour calls strangers in turn. */
export const lateralChain: Detector = {
  name: 'lateral-chain',
  headline: 'a walk over connections that were never made before',
  summary:
    'Two or three new edges, each beginning where the one before ended, within half an hour of each other',
  source:
    'Paths in a 30-minute window: Neil et al. 2013, Technometrics 55(4); hops by Good 1953, combined by Fisher 1932: detection reference, 2.7',
  kind: 'statistic',
  isWhole: true,
  techniques: [
    { framework: 'ATT&CK', id: 'T1021', name: 'Remote Services' },
    { framework: 'ATT&CK', id: 'T1570', name: 'Lateral Tool Transfer' },
  ],
  create: createLateralChain,
};

// An edge counts as a hop where a new one is unusual: one minute in twenty of its ends is not.
const hopLnPMax = Math.log(0.05);

function createLateralChain({ agents }: Surroundings): DetectorModel {
  const acquaintance = createAcquaintance();
  const chains = createChains('chains');
  const hop = { time: 0, lnP: 0 }; // scratch: the hot path allocates nothing
  // What the caller's end said of the event that is learned, before it learned it; the called agent's end follows.
  let learned: View['event'] | undefined;

  const chainOf = (view: View): Chain => {
    hop.time = view.time;
    hop.lnP = acquaintance.newness(view);
    return chains.extended(view.agent, view.peer, hop);
  };
  return {
    score: (view) => {
      if (view.side !== 'source' || !acquaintance.isNew(view)) return noTest;
      const chain = chainOf(view);
      return chain.hops < 2 || hop.lnP > hopLnPMax ? noTest : lnPOf(chain);
    },
    evidence: (view) => tell(view, chainOf(view), { agents, acquaintance }),
    learn: (view) => {
      const isNew = acquaintance.isNew(view);
      if (isNew && learned !== view.event) {
        hop.time = view.time;
        hop.lnP = acquaintance.newness(view);
      }
      learned = view.side === 'source' ? view.event : undefined;
      if (acquaintance.learn(view) && view.side === 'destination') chains.arrive(view.agent, view.time);
      if (!isNew || view.side === 'source' || hop.lnP > hopLnPMax) return;
      chains.keep(view.agent, view.time, chains.extended(view.peer, view.agent, hop));
    },
    agentBelongings: (agent, visit) => {
      acquaintance.agentBelongings(agent, visit);
      chains.belongings(agent, visit);
    },
    edgeBelongings: acquaintance.edgeBelongings,
    save: (state) => {
      acquaintance.save(state);
      chains.save(state);
    },
    restore: (state) => {
      acquaintance.restore(state);
      chains.restore(state);
    },
  };
}

/** The surprise of so many hops together. */
function lnPOf(chain: Chain): number {
  let surprise = 0;
  for (let i = 0; i < chain.hops; i += 1) surprise -= chain.lnPs[i] ?? 0;
  return logFisher(chain.hops, surprise);
}

interface Known {
  readonly agents: Surroundings['agents'];
  readonly acquaintance: Acquaintance;
}

/** The hops before are as they were found; only of the newest one it is still known why. */
function stepsOf(view: View, chain: Chain, path: readonly string[], known: Acquaintance): WorkingStep[] {
  return Array.from({ length: chain.hops }, (_, i) => {
    const name = walkText(path.slice(i, i + 2));
    return i === chain.hops - 1
      ? { name, formula: 'acquaintance', numbers: { ...known.numbers(view) } }
      : { name, formula: 'known', numbers: { lnP: chain.lnPs[i] ?? 0 } };
  });
}

function tell(view: View, chain: Chain, { agents, acquaintance }: Known) {
  const names = Array.from(chain.agents.subarray(0, chain.hops), (agent) => agents.id(agent));
  const hops = [...names, agents.id(view.peer)];
  const path = walkText(hops);
  return {
    observed: chain.hops,
    expected: null,
    lower: null,
    upper: null,
    unit: 'new connections in a row',
    baseline_source: 'mixed',
    group: agents.groupName(view.group),
    group_expected: null,
    subject: path,
    from: chain.from,
    to: view.time,
    sentence: `${path}: ${chain.hops} connections that were never made before, one after another within ${lengthText(Math.max(view.time - chain.from, 60_000))} from ${momentText(chain.from)} on`,
    working: {
      combine: 'fisher',
      steps: stepsOf(view, chain, hops, acquaintance),
      counted: {
        what: 'new_edges',
        source: null,
        destination: null,
        from: chain.from,
        to: view.time,
        path: hops,
      },
    },
  } as const;
}
