import { randomUUID } from 'node:crypto';
import type { Decision } from '#shared/decision.ts';
import type { TopicName } from '#shared/log/topics.ts';
import type { ApiDependencies } from './dependencies.ts';

const topic = 'decisions' satisfies TopicName;
/** Decisions that one append holds: what is imported comes in thousands. */
const appendMax = 1000;

/** What somebody wants decided: a decision without what the API adds. */
export type Wanted = Pick<Decision, 'key' | 'kind' | 'space' | 'by' | 'reason' | 'body'>;

/** Makes a decision durable; it takes effect as soon as its readers have read it. */
export async function appendDecision({ context }: ApiDependencies, wanted: Wanted): Promise<Decision> {
  const decision = { id: randomUUID(), time: context.clock.now(), ...wanted };
  await context.log.append(topic, [{ key: decision.key, value: JSON.stringify(decision) }]);
  context.logger.info({ decision: decision.id, about: decision.key, by: decision.by }, 'decided');
  return decision;
}

/** Makes many decisions durable, in order. Where it fails in between, the caller repeats all: the keys are the same. */
export async function appendDecisions(
  { context }: ApiDependencies,
  wanted: readonly Wanted[],
): Promise<void> {
  const time = context.clock.now();
  for (let from = 0; from < wanted.length; from += appendMax) {
    const part = wanted.slice(from, from + appendMax);
    const records = part.map((one) => ({
      key: one.key,
      value: JSON.stringify({ id: randomUUID(), time, ...one }),
    }));
    await context.log.append(topic, records);
  }
  context.logger.info({ decisions: wanted.length, by: wanted[0]?.by }, 'decided');
}
