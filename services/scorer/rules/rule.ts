import { type RuleTier, rulePs } from '#shared/rule-tiers.ts';
import type { Visit } from '../baseline/tables/belongings.ts';
import {
  type Detector,
  type DetectorEvidence,
  type DetectorModel,
  noTest,
  type Surroundings,
  type View,
} from '../detectors/detector.ts';
import type { StateReader, StateWriter } from '../state.ts';
import type { RuleMemory } from './rule-memory.ts';
import { createSpells } from './spells.ts';

/** What a person is told of a broken rule. */
export interface Story {
  readonly observed: number;
  readonly expected: number | null;
  /** What observed and expected count. */
  readonly unit: string;
  /** The peer, token, version or zone that it is about. */
  readonly subject: string | null;
  /** Observed against expected. */
  readonly sentence: string;
}

/** A rule at work. */
export interface RuleModel {
  /** How badly the view breaks the rule; `undefined` when it does not. Changes nothing, allocates nothing. */
  judge(view: View): RuleTier | undefined;
  /** What to tell about a view that breaks the rule. */
  tell(view: View): Story;
  /** `tier` is what `judge` says of the view now. */
  learn?(view: View, tier: RuleTier | undefined): void;
  readonly memories?: readonly RuleMemory[];
}

/** A rule as its file states it. */
export interface Rule extends Pick<Detector, 'name' | 'summary' | 'source' | 'techniques' | 'needs'> {
  readonly headline: string;
  /**
   * From which end it judges. One, or a finding would count twice; `both` only where neither end's partition sees
   * enough by itself.
   */
  readonly side: View['side'] | 'both';
  create(surroundings: Surroundings): RuleModel;
}

/** Makes a detector of a rule, which tells a lasting breach of one edge once a day. */
export function ruleDetector(rule: Rule): Detector {
  const { name, headline, summary, source, techniques, side } = rule;
  const create = (surroundings: Surroundings): DetectorModel => {
    const model = rule.create(surroundings);
    const spells = createSpells();
    const memories = [...(model.memories ?? []), spells];
    const isJudged = (view: View) => side === 'both' || view.side === side;
    // What was judged last, so that learning from the same view need not judge it again.
    let event: View['event'] | undefined;
    let end: View['side'] | undefined;
    let found: RuleTier | undefined;
    return {
      score: (view) => {
        if (!isJudged(view)) return noTest;
        event = view.event;
        end = view.side;
        found = model.judge(view);
        return found === undefined || !spells.isOpen(view.edge, view.time) ? noTest : lnPs[found];
      },
      evidence: (view) => evidenceOf(view, model.tell(view)),
      learn: (view) => {
        if (!isJudged(view)) return;
        const tier = event === view.event && end === view.side ? found : model.judge(view);
        if (tier !== undefined) spells.note(view.edge, view.time);
        event = undefined; // what is learned now may change the judgement
        model.learn?.(view, tier);
      },
      ...keeping(memories),
    };
  };
  const asked = {
    ...(side === 'both' ? {} : { side }),
    ...(rule.needs === undefined ? {} : { needs: rule.needs }),
  };
  return { name, headline, summary, source, kind: 'rule', techniques, ...asked, create };
}

function keeping(memories: readonly RuleMemory[]) {
  return {
    agentBelongings: (agent: number, visit: Visit) => {
      for (const memory of memories) memory.agentBelongings?.(agent, visit);
    },
    edgeBelongings: (edge: number, visit: Visit) => {
      for (const memory of memories) memory.edgeBelongings?.(edge, visit);
    },
    forgetAgent: (agent: number) => {
      for (const memory of memories) memory.forgetAgent?.(agent);
    },
    forgetEdge: (edge: number) => {
      for (const memory of memories) memory.forgetEdge?.(edge);
    },
    save: (state: StateWriter) => {
      for (const memory of memories) memory.save(state.within(memory.name));
    },
    restore: (state: StateReader) => {
      for (const memory of memories) memory.restore(state.within(memory.name));
    },
  };
}

const lnPs: Readonly<Record<RuleTier, number>> = {
  notice: Math.log(rulePs.notice),
  warning: Math.log(rulePs.warning),
  breach: Math.log(rulePs.breach),
};

function evidenceOf(view: View, story: Story): DetectorEvidence {
  return {
    ...story,
    lower: null,
    upper: null,
    baseline_source: 'self',
    group: null,
    group_expected: null,
    from: view.time,
    to: view.time,
  };
}
