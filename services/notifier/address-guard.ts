import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { AppError } from '#shared/errors.ts';

/**
 * Keeps a webhook from being turned against the network that Amiss stands in (server-side request forgery): only
 * public unicast addresses are called, and those that the operator lists.
 */
export interface AddressGuard {
  /** May this address be called? `false` for what is not an address. */
  allows(address: string): boolean;
  /**
   * The refusal of a host that is written as an address, which is connected to without a look-up. `undefined`
   * where it may be called, and for names: those are checked when they are resolved.
   */
  refusalOf(host: string): string | undefined;
  /**
   * Resolves for a socket and hands out only addresses that pass, so that the address that was checked is the one
   * connected to: a name that resolves to another address a moment later (DNS rebinding) gains nothing.
   */
  readonly lookup: LookupFunction;
}

/** Resolves a name to all its addresses, as `dns.lookup` with `all` does. */
export type Resolve = (
  host: string,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The code of the error with which `lookup` refuses a name. */
export const addressRefusedCode = 'EADDRESSREFUSED';

// All global unicast addresses of today lie here; the rest of the IPv6 space is unassigned or special (RFC 4291).
const globalUnicast = ipaddr.parseCIDR('2000::/3');

const resolveBySystem: Resolve = (host, done) => systemLookup(host, { all: true }, done);

/**
 * @param allowed subnets (`10.20.0.0/16`) or single addresses that may be called although they are not public
 * @throws {AppError} CONFIG_INVALID, naming the entry that is no subnet
 */
export function createAddressGuard(
  allowed: readonly string[],
  resolve: Resolve = resolveBySystem,
): AddressGuard {
  const subnets = allowed.map(parseSubnet);
  const allows = (text: string) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text); // an IPv4 address in IPv6 clothes becomes the IPv4 address
    return isPublic(address) || subnets.some((subnet) => contains(subnet, address));
  };
  return {
    allows,
    refusalOf: (host) => {
      const bare = host.replace(/^\[|\]$/g, '');
      return isIP(bare) === 0 || allows(bare) ? undefined : refusal(bare);
    },
    lookup: (host, options, callback) =>
      resolve(host, (error, addresses) => {
        const passed = addresses?.filter(({ address }) => allows(address)) ?? [];
        const [first] = passed;
        if (error !== null) callback(error, []);
        else if (first === undefined) callback(refusedName(host), []);
        else if (options.all === true) callback(null, passed);
        else callback(null, first.address, first.family);
      }),
  };
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || contains(globalUnicast, address);
}

type Subnet = [ipaddr.IPv4 | ipaddr.IPv6, number];

function contains([network, bits]: Subnet, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return network.kind() === address.kind() && address.match(network, bits);
}

function parseSubnet(text: string): Subnet {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (ipaddr.isValid(text)) {
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  throw new AppError(
    'CONFIG_INVALID',
    `notifier.allow_addresses: "${text}" is neither a subnet, such as 10.20.0.0/16, nor an address`,
  );
}

function refusal(address: string): string {
  return `${address} is not a public address; list it in notifier.allow_addresses if it may be called`;
}

function refusedName(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(refusal(host)), { code: addressRefusedCode });
}
