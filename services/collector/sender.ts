/** Who delivers records: an authenticated shipper, or a caller on loopback. */
export interface Sender {
  /** Name of the shipper, or the peer's address where none is known: the key of limits and of rejects' `source`. */
  readonly name: string;
  /** Name of the authenticated shipper, which events carry; `null` for an anonymous caller on loopback. */
  readonly shipper: string | null;
  /** The tenant that it writes to; `null` lets each record name its own, `default` without. */
  readonly space: string | null;
  /** May it tell what this agent did? */
  readonly maySpeakFor: (agent: string) => boolean;
}

/** The sender on loopback who shows no token: the machine's own user, who may do everything. */
export function localSender(address: string): Sender {
  return { name: address, shipper: null, space: null, maySpeakFor: () => true };
}
