import ipaddr from 'ipaddr.js';
import { type Static, Type } from 'typebox';
import type { Caller } from '#shared/auth/token.ts';
import { secret } from '#shared/config.ts';
import { compilePatterns } from '#shared/policy/pattern.ts';
import type { Sender } from './sender.ts';

/** One entry of `collector.shippers`: who may deliver, and for whom it may speak. */
export const shipperSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'Name of its token in auth.tokens, or the URI or common name of its client certificate',
    }),
    agents: Type.Array(Type.String({ maxLength: 512 }), {
      default: [],
      description: 'Agents for which it may speak; * stands for any run of characters',
    }),
    space: Type.String({ default: 'default', description: 'Tenant that it writes to' }),
    addresses: Type.Array(Type.String(), {
      default: [],
      description: 'Networks (10.1.0.0/16) from which it is known without a credential, for plain syslog',
    }),
    shared_key: secret(Type.String({ default: '', description: 'Key of the forward protocol' })),
  },
  { additionalProperties: false },
);
type Shipper = Static<typeof shipperSchema>;

/** Who is behind a credential. */
export interface Shippers {
  /** The sender behind a token; one without an entry may speak for nobody, an admin for all. */
  readonly ofCaller: (caller: Caller) => Sender;
  /** The sender behind a certificate's name; `undefined` without an entry. */
  readonly ofName: (name: string) => Sender | undefined;
  /** The sender that is known by its address alone. */
  readonly ofAddress: (address: string) => Sender | undefined;
  /** Every shared key of the forward protocol with its sender. */
  readonly sharedKeys: readonly { readonly key: string; readonly sender: Sender }[];
}

/** Compiles `collector.shippers`. @throws {Error} an address is no network */
export function createShippers(entries: readonly Shipper[]): Shippers {
  const senders = new Map(entries.map((entry) => [entry.name, senderOf(entry)]));
  const networks = entries.flatMap((entry) =>
    entry.addresses.map((address) => ({ network: ipaddr.parseCIDR(withLength(address)), name: entry.name })),
  );
  return {
    ofCaller: (caller) => {
      const known = senders.get(caller.name);
      const speaksForAll = caller.roles.includes('admin');
      return (
        known ?? {
          name: caller.name,
          shipper: caller.name,
          space: speaksForAll ? null : 'default',
          maySpeakFor: () => speaksForAll,
        }
      );
    },
    ofName: (name) => senders.get(name),
    ofAddress: (address) => {
      if (!ipaddr.isValid(address)) return undefined;
      const peer = ipaddr.process(address); // an IPv4 address in IPv6 form becomes plain
      const found = networks.find(({ network }) => peer.kind() === network[0].kind() && peer.match(network));
      return found && senders.get(found.name);
    },
    sharedKeys: entries
      .filter(({ shared_key }) => shared_key !== '')
      .map((entry) => ({ key: entry.shared_key, sender: senderOf(entry) })),
  };
}

function senderOf({ name, agents, space }: Shipper): Sender {
  return { name, shipper: name, space, maySpeakFor: compilePatterns(agents) };
}

function withLength(address: string): string {
  if (address.includes('/')) return address;
  return `${address}/${address.includes(':') ? 128 : 32}`;
}
