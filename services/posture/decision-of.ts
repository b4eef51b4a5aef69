import { randomUUID } from 'node:crypto';
import type { ServiceContext } from '#shared/context.ts';
import type { Decision } from '#shared/decision.ts';
import type { Meant } from './declared-files.ts';

/** Who decides what files and schedules say. */
export const author = 'amiss';

/** A decision of this service. */
export function decisionOf(
  context: ServiceContext,
  { key, kind, body }: Meant,
  { space, reason }: { readonly space: string; readonly reason: string },
): Decision {
  return { id: randomUUID(), key, kind, time: context.clock.now(), space, by: author, reason, body };
}
