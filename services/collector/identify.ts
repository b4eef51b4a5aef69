import type { Socket } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { type Authenticate, requireRole } from '#shared/auth/token.ts';
import type { FastifyRequest } from '#shared/http.ts';
import type { ReportRefusal } from './refusals.ts';
import { localSender, type Sender } from './sender.ts';
import type { Shippers } from './shippers.ts';

export interface IdentifyOptions {
  /** Must everybody show a credential? Otherwise (on loopback) the machine's own users need none. */
  readonly needsCredential: boolean;
  readonly authenticate: Authenticate;
  readonly shippers: Shippers;
}

/** Tells who calls an HTTP listener. @throws {AppError} UNAUTHORIZED or FORBIDDEN */
export type Identify = (request: FastifyRequest) => Sender;

/**
 * Knows a shipper by its client certificate, else by its token, in whichever form its dialect sends one. Where no
 * credential is needed, one that nobody knows does no harm: it is what the shipper showed to the receiver before us.
 */
export function createIdentify({ needsCredential, authenticate, shippers }: IdentifyOptions): Identify {
  return (request) => {
    const certified = certificateName(request.raw.socket as TLSSocket);
    const known = certified === undefined ? undefined : shippers.ofName(certified);
    if (known !== undefined) return known;
    const token = tokenOf(request.headers.authorization ?? '');
    const caller = token === undefined ? undefined : authenticate(`Bearer ${token}`);
    if (caller === undefined && !needsCredential) return localSender(request.ip);
    return shippers.ofCaller(requireRole(caller, 'ingest'));
  };
}

/** Knows a gRPC caller by its token. @throws {AppError} UNAUTHORIZED or FORBIDDEN */
export function createCallIdentify({ needsCredential, authenticate, shippers }: IdentifyOptions) {
  return ({ peer, authorization }: { readonly peer: string; readonly authorization: string | undefined }) => {
    const token = tokenOf(authorization ?? '');
    const caller = token === undefined ? undefined : authenticate(`Bearer ${token}`);
    if (caller === undefined && !needsCredential) return localSender(peer);
    return shippers.ofCaller(requireRole(caller, 'ingest'));
  };
}

/** Knows the sender of a bare stream by its client certificate, else by its address; turns strangers away. */
export function createSocketIdentify(
  { needsCredential, shippers }: Omit<IdentifyOptions, 'authenticate'>,
  report: ReportRefusal,
): (socket: Socket, format: string) => Sender | undefined {
  return (socket, format) => {
    const address = socket.remoteAddress ?? 'unknown';
    const certified = certificateName(socket as TLSSocket);
    const known = certified === undefined ? undefined : shippers.ofName(certified);
    const sender = known ?? shippers.ofAddress(address);
    if (sender !== undefined) return sender;
    if (!needsCredential) return localSender(address);
    const who = certified ?? address;
    report({
      who,
      format,
      reason: `no entry of collector.shippers has the certificate or address of ${who}`,
    });
    return undefined;
  };
}

/**
 * The token in an `Authorization` header: `Bearer T`, `Splunk T`, `Basic base64(any:T)`, `ApiKey base64(id:T)`.
 *
 * @example tokenOf('Splunk 123'); // => '123'
 */
export function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'splunk':
      return value;
    case 'basic':
    case 'apikey': {
      const decoded = Buffer.from(value, 'base64').toString('utf8');
      const colon = decoded.indexOf(':');
      return decoded.slice(colon + 1) || undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Whom a verified client certificate names: its only URI (a SPIFFE id), else its common name; `undefined` without
 * one, or when several URIs leave it open.
 *
 * @source https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md, section 2
 */
export function certificateName(socket: Partial<TLSSocket>): string | undefined {
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined;
  const { subjectaltname = '', subject }: Partial<PeerCertificate> = socket.getPeerCertificate();
  // Node quotes a name that holds a comma or quote of its own: such a name is nobody's.
  if (subjectaltname.includes('"')) return undefined;
  const uris = subjectaltname.split(', ').filter((name) => name.startsWith('URI:'));
  if (uris.length > 1) return undefined;
  const name = uris[0]?.slice(4) ?? subject?.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
