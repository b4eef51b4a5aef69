import type { Decision } from '../decision.ts';
import type { Stop } from '../lifecycle.ts';
import { followTopic } from '../log/follow.ts';
import type { EventLog } from '../log/log.ts';
import { createIntentions, type Intentions } from './intentions.ts';

/** Intentions that keep up with the log. */
export interface FollowedIntentions {
  readonly intentions: Intentions;
  readonly stop: Stop;
}

/**
 * Reads all decisions and keeps up with each new one; resolves when what was there at the start has been read.
 *
 * @param options.name of the follower
 * @param options.onDecision told of every decision of any kind, also of those that are taken back
 */
export async function followIntentions(options: {
  readonly log: EventLog;
  readonly name: string;
  readonly onError: (error: unknown) => void;
  readonly onDecision?: (key: string, decision: Decision | undefined) => void;
}): Promise<FollowedIntentions> {
  const intentions = createIntentions();
  const following = await followTopic({
    log: options.log,
    topic: 'decisions',
    name: options.name,
    take: ({ key, value }) => {
      if (key === null) return;
      const decision = value.length === 0 ? undefined : decisionOf(value);
      intentions.decide(key, decision);
      options.onDecision?.(key, decision);
    },
    onError: options.onError,
  });
  await following.ready;
  return { intentions, stop: following.stop };
}

/** What the topic holds was checked where it was appended. */
function decisionOf(value: Buffer): Decision {
  return JSON.parse(value.toString('utf8')) as Decision;
}
