import { attributeNames } from '#shared/attributes.ts';
import type { AmissEvent, Outcome } from '#shared/event.ts';
import { isAddress } from './names.ts';

// What the called side has checked itself and the caller only claims.
const checkedByCalled = [
  'auth_method',
  'auth_subject',
  'token_id',
  'mtls',
  'tls_version',
  'tls_cipher',
] as const;
const identity = ['auth_subject', 'token_id'] as const;

/** What has to be known of a sighting to judge the other one. */
export interface SeenEnd extends Pick<AmissEvent, 'source' | 'destination'> {
  readonly shipper?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly auth_subject?: string | undefined;
  readonly token_id?: string | undefined;
  readonly bytes_in?: number | undefined;
  readonly bytes_out?: number | undefined;
}

/**
 * Whether two sightings with one name may be one call. One shipper's word is taken for both ends. Of two shippers the
 * ends must have the same names as far as both know them, or one could hide what the other saw by naming its call.
 */
export function isSameCall(left: SeenEnd, right: SeenEnd): boolean {
  if (left.shipper !== undefined && left.shipper === right.shipper) return true;
  if (left.shipper === undefined && right.shipper === undefined) return true;
  return isSameEnd(left.source, right.source) && isSameEnd(left.destination, right.destination);
}

/** `cart`, `shop/cart` and `cart.shop.svc:80` are one end; an address may be anyone's. */
function isSameEnd(left: string, right: string): boolean {
  if (left === right) return true;
  if (isAddress(left) || isAddress(right)) return true;
  return shortName(left) === shortName(right);
}

function shortName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.split(/[.:]/, 1)[0]?.toLowerCase() ?? last;
}

/**
 * The fields in which two sightings of one call contradict each other. One end may see a timeout or an error where the
 * other saw none, and a proxy may end TLS: only another identity, and a denial against a success, cannot both be true.
 */
export function disagreements(left: SeenEnd, right: SeenEnd): readonly string[] {
  const differing: string[] = identity.filter((name) => {
    const [a, b] = [left[name], right[name]];
    return a !== undefined && b !== undefined && a !== b;
  });
  const outcomes = [left.outcome, right.outcome];
  if (outcomes.includes('denied') && outcomes.includes('success')) differing.unshift('outcome');
  return differing;
}

/**
 * One event of both ends' sightings: who called by the caller's word, who was called and how the caller proved itself
 * by the called side's, the worse outcome of the two. The id is the caller's, so that a repeat has the same.
 */
export function mergeEnds(caller: AmissEvent, called: AmissEvent): AmissEvent {
  const differing = disagreements(caller, called);
  const attributes = { ...called.attributes, ...caller.attributes };
  if (differing.length > 0) attributes[attributeNames.observersDisagree] = differing.join(',');
  if (called.observer !== undefined && called.observer !== caller.observer)
    attributes['also_observed_by'] = called.observer;
  const checked = Object.fromEntries(
    checkedByCalled.filter((name) => called[name] !== undefined).map((name) => [name, called[name]]),
  );
  return {
    ...called,
    ...caller,
    ...checked,
    time: Math.min(caller.time, called.time),
    source: isAddress(caller.source) ? called.source : caller.source,
    destination: isAddress(called.destination) ? caller.destination : called.destination,
    ...(called.destination_kind === undefined ? {} : { destination_kind: called.destination_kind }),
    ...worseOutcome(caller.outcome, called.outcome),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
  };
}

const severity: Readonly<Record<Outcome, number>> = {
  unknown: 0,
  success: 1,
  error: 2,
  timeout: 3,
  denied: 4,
};

function worseOutcome(left: Outcome | undefined, right: Outcome | undefined): { outcome?: Outcome } {
  if (left === undefined || right === undefined) {
    const outcome = left ?? right;
    return outcome === undefined ? {} : { outcome };
  }
  return { outcome: severity[left] >= severity[right] ? left : right };
}
