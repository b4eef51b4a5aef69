import { type Static, Type } from 'typebox';
import type { Target, TargetTools } from './target.ts';
import { webhook } from './webhook.ts';

/** Every kind of target: a new one is its file and its line in the three lists here. */
export const targetKinds = [webhook] as const;

/** The keys of the section `notifier` under which targets are listed. */
export const targetSettings = {
  webhooks: Type.Array(webhook.settings, { default: [], description: webhook.summary }),
};

const _section = Type.Object(targetSettings);

/** Makes every target of the configuration, in its order. */
export function createTargets(settings: Static<typeof _section>, tools: TargetTools): readonly Target[] {
  return [...settings.webhooks.map((one) => webhook.create(one, tools))];
}
