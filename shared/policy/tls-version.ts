/** Versions of TLS, worst first; `none` is a call that is known to be plaintext. */
export const tlsVersions = ['none', 'SSLv2', 'SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type TlsVersion = (typeof tlsVersions)[number];

const ranks: ReadonlyMap<string, number> = new Map(
  tlsVersions.flatMap((version, rank) => spellings(version).map((spelling) => [spelling, rank] as const)),
);

/**
 * How strong a version is, 0 (plaintext) to 6 (TLS 1.3); `undefined` for a spelling that nobody uses, about which
 * nothing can be said. Takes what proxies, Zeek and OpenTelemetry write: `TLSv1.2`, `TLSv12`, `1.2`, `tls1_2`.
 *
 * @example tlsRank('TLSv12') === tlsRank('1.2'); // => true
 */
export function tlsRank(version: string): number | undefined {
  return ranks.get(version) ?? ranks.get(version.toLowerCase().replaceAll(/[\s_]/g, ''));
}

function spellings(version: TlsVersion): readonly string[] {
  const lower = version.toLowerCase();
  if (version === 'none') return [lower, 'plaintext', 'cleartext', '-'];
  const number = lower.replace(/^(tls|ssl)v/, '');
  const bare = number.includes('.') ? number : `${number}.0`;
  const family = lower.slice(0, 3);
  const digits = bare.replace('.', '');
  const own = [version, lower, `${family}${number}`, `${family}${bare}`, `${family}v${bare}`];
  return family === 'tls' ? [...own, bare, `tls${digits}`, `tlsv${digits}`] : own;
}
