import type { Random } from '#shared/random.ts';
import { type Call, type NativeEvent, toEvent } from './call.ts';
import { hex, logNormal } from './draws.ts';

type Essentials = Pick<Call, 'time' | 'source' | 'destination' | 'protocol' | 'action'>;

/**
 * An event of an attack, in size and duration like anybody's unless it says otherwise, with the identity that the
 * caller really has unless `facts` forge it.
 */
export function attackCall(
  call: Essentials & Partial<Call>,
  random: Random,
  facts: Partial<NativeEvent> = {},
): NativeEvent {
  return {
    ...toEvent({
      outcome: 'success',
      durationMs: logNormal(random, 20, 0.5),
      bytesOut: logNormal(random, 600, 0.5),
      bytesIn: logNormal(random, 4000, 0.7),
      ...(call.session === undefined && { traceId: hex(random, 16) }),
      ...call,
    }),
    ...facts,
  };
}
