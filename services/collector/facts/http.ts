import { templatePath } from './path.ts';
import { textOf } from './read.ts';

/** `GET /orders/{id}` from method and path (or URL); the method alone where there is no path. */
export function httpAction(method: string | undefined, path: string | undefined): string | undefined {
  const verb = method === undefined ? undefined : verbOf(method);
  if (path === undefined) return verb;
  return `${verb ?? 'HTTP'} ${templatePath(path)}`;
}

/** Methods are few; a scanner's inventions count as one. */
function verbOf(method: string): string {
  const upper = method.toUpperCase();
  return methods.has(upper) ? upper : 'OTHER';
}

const methods = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE'], // RFC 9110
  ...['PATCH', 'QUERY', 'PROPFIND', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'REPORT', 'PRI'],
]);

/**
 * A TLS version in one spelling: `TLSv1.3`. Takes `TLSv13` (Zeek), `1.3` with or without `tls` (OTel, ECS, OCSF),
 * `TLSv1_3` (Java).
 */
export function tlsVersion(value: unknown): string | undefined {
  const text = textOf(value);
  const match = /^(?:(tls|ssl|dtls)\s*v?)?\s*([0-3])(?:[._]?(\d))?$/i.exec(text ?? '');
  if (text === undefined || match === null) return text;
  const family = { ssl: 'SSLv', dtls: 'DTLSv' }[(match[1] ?? 'tls').toLowerCase()] ?? 'TLSv';
  if (family === 'SSLv') return `SSLv${match[2]}`;
  return `${family}${match[2]}.${match[3] ?? '0'}`;
}
