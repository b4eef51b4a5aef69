import type { AmissEvent } from '#shared/event.ts';
import type { Crossing } from '#shared/policy/compile-policy.ts';
import type { Intentions } from '#shared/policy/intentions.ts';

/** A call with its zones, and what the policy says of it. */
export interface Crossed {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly crossing: Crossing;
}

/** Judges the crossing of a call; a zone that the event lacks is the registry's. */
export function zonedCall({ policy, registry }: Intentions, event: AmissEvent): Crossed {
  const from = event.source_zone ?? registry.zoneOf(event.space, event.source);
  const to = event.destination_zone ?? registry.zoneOf(event.space, event.destination);
  const compiled = policy(event.space);
  if (from === event.source_zone && to === event.destination_zone)
    return { from, to, crossing: compiled.crossing(event) };
  const zones = {
    ...(from === undefined ? {} : { source_zone: from }),
    ...(to === undefined ? {} : { destination_zone: to }),
  };
  return { from, to, crossing: compiled.crossing({ ...event, ...zones }) };
}
