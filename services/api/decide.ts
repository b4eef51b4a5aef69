import { randomUUID } from 'node:crypto';
import type { Decision } from '#shared/decision.ts';
import type { TopicName } from '#shared/log/topics.ts';
import type { ApiDependencies } from './dependencies.ts';

const topic = 'decisions' satisfies TopicName;

/** What somebody wants decided: a decision without what the API adds. */
export type Wanted = Pick<Decision, 'key' | 'kind' | 'space' | 'by' | 'reason' | 'body'>;

/** Makes a decision durable; it takes effect as soon as its readers have read it. */
export async function appendDecision({ context }: ApiDependencies, wanted: Wanted): Promise<Decision> {
  const decision = { id: randomUUID(), time: context.clock.now(), ...wanted };
  await context.log.append(topic, [{ key: decision.key, value: JSON.stringify(decision) }]);
  context.logger.info({ decision: decision.id, about: decision.key, by: decision.by }, 'decided');
  return decision;
}
