import type { RuleTier } from '#shared/rule-tiers.ts';
import type { View } from '../detectors/detector.ts';
import { createHabits, type HabitsOptions } from './habits.ts';
import type { RuleModel, Story } from './rule.ts';

interface KeptAttribute extends Omit<HabitsOptions, 'by'> {
  /** Name of an attribute of events. */
  readonly attribute: string;
  /** How bad a new value is. */
  readonly tier: RuleTier;
  tell(view: View): Story;
}

/** A rule at work about what an agent shows to all who call it, and hardly ever changes: its card, tools, certificate. */
export function keptAttribute({ attribute, tier, tell, ...habit }: KeptAttribute): RuleModel {
  const habits = createHabits({ ...habit, by: 'agent' });
  return {
    judge: ({ event, agent, time }) => {
      const value = event.attributes?.[attribute];
      return value !== undefined && habits.isNew(agent, value, time) ? tier : undefined;
    },
    tell,
    learn: ({ event, agent, time }) => {
      const value = event.attributes?.[attribute];
      if (value !== undefined) habits.learn(agent, value, time);
    },
    memories: [habits],
  };
}
