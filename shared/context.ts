import type { Clock } from './clock.ts';
import type { EventLog } from './log/log.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** What every service is given: nothing is taken from the process or a global. */
export interface ServiceContext {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /**
   * Ends the process with the offsets uncommitted, because of a bug or a part that cannot go on. The next
   * start repeats what was not finished: at-least-once is the contract, losing silently is not.
   */
  readonly fail: (error: unknown) => void;
}
