import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import { messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import { followTopic } from '#shared/log/follow.ts';
import type { LogRecord } from '#shared/log/log.ts';
import { createDecisions, type Decisions } from '../decisions.ts';

/** Every decision there is, kept up to date as people decide; resolves when all that were made so far are known. */
export async function followDecisions(
  context: ServiceContext,
  name: string,
): Promise<{ readonly decisions: Decisions; readonly stop: Stop }> {
  const decisions = createDecisions();
  const take = (record: LogRecord) => {
    if (record.key === null) return;
    try {
      const decision =
        record.value.length === 0 ? undefined : (JSON.parse(record.value.toString('utf8')) as Decision);
      decisions.apply(record.key, decision);
    } catch (error) {
      // A decision that cannot be read must not stop detection.
      context.metrics.rejected.inc({ service: name, source: 'decisions' });
      context.logger.error({ decision: record.key, reason: messageOf(error) }, 'decision has no effect');
    }
  };
  const { log, fail } = context;
  const following = await followTopic({ log, topic: 'decisions', name, take, onError: fail });
  await following.ready;
  return { decisions, stop: following.stop };
}
