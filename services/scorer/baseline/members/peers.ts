import ipaddr from 'ipaddr.js';
import type { AgentKind } from '#shared/event.ts';

/**
 * The peer group of an agent: whom it is compared with until it has a history of its own. In this order: what it was
 * declared to be; for a SPIFFE id its trust domain and path without the last segment; for a bare address whether
 * it is inside (private, loopback, link-local) or outside. What nothing is known of is `unknown`.
 *
 * @example peerGroupOf('spiffe://prod/ns/shop/sa/cart', undefined); // => 'spiffe://prod/ns/shop/sa'
 * @example peerGroupOf('10.1.2.3', 'unknown'); // => 'address:inside'
 */
export function peerGroupOf(id: string, kind: AgentKind | undefined): string {
  if (kind !== undefined && kind !== 'unknown') return kind;
  if (id.startsWith('spiffe://')) return id.slice(0, Math.max(id.lastIndexOf('/'), 'spiffe://'.length));
  const address = addressOf(id);
  if (address === undefined) return 'unknown';
  return ipaddr.process(address).range() === 'unicast' ? 'address:outside' : 'address:inside';
}

/** Is the group one of agents that are not the organization's own? */
export const isOutside = (group: string): boolean => group === 'external' || group === 'address:outside';

/** The text as an address that parses, or `undefined` where it is none. */
function addressOf(id: string): string | undefined {
  if (!mayBeAddress.test(id)) return undefined;
  // Logs pad with zeros (172.016.001.020) and mean decimals; the C library, and the parser after it, reads octals.
  const address = dottedQuad.test(id) ? id.replace(/(^|\.)0+(?=\d)/g, '$1') : id;
  return ipaddr.isValid(address) ? address : undefined;
}

// Parsing every name as an address would cost more than all the rest.
const mayBeAddress = /^[0-9a-f:.]+$/i;
const dottedQuad = /^\d{1,3}(\.\d{1,3}){3}$/;
