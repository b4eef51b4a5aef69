import type { AmissEvent } from '#shared/event.ts';
import type { RuleTier } from '#shared/rule-tiers.ts';

/** A rule, traffic that keeps it, and calls that break it. */
export interface RuleCase {
  readonly rule: string;
  readonly what: string;
  readonly policy?: object;
  readonly agents?: readonly object[];
  /** Fields of the i-th clean call; one call an hour for ten days. */
  readonly clean: (i: number) => Partial<AmissEvent>;
  /** Fields of the call that breaks it, an hour after the last clean one. */
  readonly broken: Partial<AmissEvent>;
  readonly tier: RuleTier;
  readonly sentence: RegExp;
}

/** Clean calls of a case, and the time between them. */
export const cleanCalls = 2400;
export const stepMs = 6 * 60_000;
const start = Date.UTC(2026, 10, 2);
export const timeOf = (i: number) => start + i * stepMs;
const now = timeOf(cleanCalls);
const minutes = 60_000;
const days = 24 * 60 * minutes;
const attribute = (name: string, value: string) => ({ attributes: { [name]: value } });
const spiffe = (name: string) => `spiffe://prod/ns/shop/sa/${name}`;
const token = (i: number) => ({ token_id: `token-${Math.floor(i / 10)}` });

export const ruleCases: readonly RuleCase[] = [
  {
    rule: 'anonymous-call',
    what: 'an anonymous call against the policy',
    policy: { identity: { anonymous: 'denied' } },
    clean: () => ({ auth_method: 'mtls' }),
    broken: { auth_method: 'none' },
    tier: 'breach',
    sentence: /web called shop without proving who it is/,
  },
  {
    rule: 'anonymous-call',
    what: 'the first anonymous call on an edge that always had an identity',
    clean: () => ({ auth_method: 'jwt' }),
    broken: { auth_method: 'anonymous' },
    tier: 'warning',
    sentence: /without proving/,
  },
  {
    rule: 'identity-mismatch',
    what: 'a subject that was not declared for the caller',
    agents: [{ agent: 'web', identities: ['svc-web-*'] }],
    clean: (i) => ({ auth_subject: `svc-web-${i % 3}` }),
    broken: { auth_subject: 'svc-billing' },
    tier: 'breach',
    sentence: /as svc-billing, which is not an identity declared for it/,
  },
  {
    rule: 'identity-mismatch',
    what: 'the SPIFFE id of another workload',
    clean: () => ({ source: spiffe('web'), auth_subject: spiffe('web') }),
    broken: { source: spiffe('web'), auth_subject: spiffe('cart') },
    tier: 'breach',
    sentence: /not its own id/,
  },
  {
    rule: 'certificate-mismatch',
    what: 'a certificate of another workload',
    clean: () => ({ source: spiffe('web'), ...attribute('certificate_subject', spiffe('web')) }),
    broken: { source: spiffe('web'), ...attribute('certificate_subject', spiffe('cart')) },
    tier: 'breach',
    sentence: /the certificate of spiffe:\/\/prod\/ns\/shop\/sa\/cart/,
  },
  {
    rule: 'shipper-mismatch',
    what: 'a shipper that may speak for neither end',
    agents: [
      { agent: 'web', shippers: ['edge'] },
      { agent: 'shop', shippers: ['core'] },
    ],
    clean: (i) => ({ shipper: i % 2 === 0 ? 'edge' : 'core' }),
    broken: { shipper: 'laptop' },
    tier: 'breach',
    sentence: /laptop reported a call of web to shop/,
  },
  {
    rule: 'observers-disagree',
    what: 'a second observer that names another identity',
    clean: (i) => ({
      trace_id: `t${i >> 1}`,
      span_id: `s${i >> 1}`,
      observer: `o${i % 2}`,
      auth_subject: `u${i >> 1}`,
    }),
    broken: { trace_id: 't1199', span_id: 's1199', observer: 'o1', auth_subject: 'mallory' },
    tier: 'warning',
    sentence: /o1 and o0 saw one call .* disagree on its identity/,
  },
  {
    rule: 'observers-disagree',
    what: 'two ends that the collector folded into one call',
    clean: () => ({ outcome: 'success' }),
    broken: attribute('observers_disagree', 'outcome,auth_subject'),
    tier: 'warning',
    sentence: /two observers saw one call of web to shop and disagree on its outcome, auth subject/,
  },
  {
    rule: 'missing-mfa',
    what: 'a person without a second factor',
    policy: { identity: { mfa_kinds: ['human'] } },
    clean: (i) => ({ source_kind: i % 2 === 0 ? 'human' : 'service', mfa: i % 2 === 0 }),
    broken: { source_kind: 'human', mfa: false, auth_subject: 'ada' },
    tier: 'warning',
    sentence: /ada called shop without a second factor/,
  },
  {
    rule: 'shadow-agent',
    what: 'an agent in no registry',
    agents: [{ agent: 'web*' }, { agent: 'old', is_retired: true }],
    clean: (i) => ({ source: `web-${i % 7}` }),
    broken: { source: 'rogue' },
    tier: 'breach',
    sentence: /rogue called shop and is in no registry/,
  },
  {
    rule: 'shadow-agent',
    what: 'an agent that was retired',
    agents: [{ agent: 'web*' }, { agent: 'old', is_retired: true }],
    clean: () => ({ source_kind: 'external', source: '203.0.113.7' }),
    broken: { source: 'old' },
    tier: 'warning',
    sentence: /old was retired/,
  },
  {
    rule: 'token-expired',
    what: 'a token after its end',
    clean: (i) => ({ token_expires_at: timeOf(i) + 5 * minutes }),
    broken: { token_expires_at: now - 5 * minutes },
    tier: 'breach',
    sentence: /expired 300 seconds before/,
  },
  {
    rule: 'token-life',
    what: 'a token of a day where an hour is allowed',
    policy: { tokens: { life_minutes_max: 60 } },
    clean: (i) => ({ token_issued_at: timeOf(i), token_expires_at: timeOf(i) + 60 * minutes }),
    broken: { token_issued_at: now, token_expires_at: now + days },
    tier: 'warning',
    sentence: /lives 1440 minutes/,
  },
  {
    rule: 'token-rotation',
    what: 'a token of last week where a day is allowed',
    policy: { tokens: { rotation_hours_max: 24 } },
    clean: (i) => ({ token_issued_at: timeOf(i) - 2 * 60 * minutes }),
    broken: { token_issued_at: now - 7 * days },
    tier: 'warning',
    sentence: /issued 168 hours before/,
  },
  {
    rule: 'token-shared',
    what: 'the token of another agent',
    clean: (i) => token(i),
    broken: { source: 'thief', ...token(2399) },
    tier: 'breach',
    sentence: /called by thief with a token that web held before/,
  },
  {
    rule: 'token-shared',
    what: 'a token from an address that its agent never had',
    clean: (i) => ({ ...token(i), source_address: `10.0.0.${Math.floor(i / 10) % 4}` }),
    broken: { ...token(2399), source_address: '198.51.100.9' },
    tier: 'warning',
    sentence: /called by 198\.51\.100\.9/,
  },
  {
    rule: 'token-scope',
    what: 'a scope that the caller never had',
    clean: (i) => attribute('token_scope', i % 3 === 0 ? 'read' : 'read list'),
    broken: attribute('token_scope', 'read admin'),
    tier: 'breach',
    sentence: /new scope admin; before: read list/,
  },
  {
    rule: 'token-audience',
    what: 'a token that was meant for another agent',
    clean: () => attribute('token_audience', 'shop'),
    broken: attribute('token_audience', 'vault'),
    tier: 'warning',
    sentence: /a token for vault; before: shop/,
  },
  {
    rule: 'token-issuer',
    what: 'an issuer that nobody ever used',
    clean: (i) => attribute('token_issuer', `https://id-${i % 2}`),
    broken: attribute('token_issuer', 'https://evil'),
    tier: 'warning',
    sentence: /issued by https:\/\/evil; known: https:\/\/id-0, https:\/\/id-1/,
  },
  {
    rule: 'token-issuer',
    what: 'an issuer that the policy does not name',
    policy: { tokens: { issuers: ['https://id-*'] } },
    clean: () => attribute('token_issuer', 'https://id-1'),
    broken: attribute('token_issuer', 'https://evil'),
    tier: 'breach',
    sentence: /https:\/\/evil/,
  },
  {
    rule: 'token-algorithm',
    what: 'a shared secret where there was a key pair',
    clean: (i) => attribute('token_algorithm', i % 2 === 0 ? 'ES256' : 'EdDSA'),
    broken: attribute('token_algorithm', 'HS256'),
    tier: 'warning',
    sentence: /signed by HS256/,
  },
  {
    rule: 'token-algorithm',
    what: 'no signature at all',
    clean: () => attribute('token_algorithm', 'HS256'),
    broken: attribute('token_algorithm', 'none'),
    tier: 'breach',
    sentence: /signed by none/,
  },
  {
    rule: 'plaintext',
    what: 'a call in the clear on an encrypted edge',
    clean: (i) => ({ tls_version: i % 2 === 0 ? 'TLSv1.3' : 'TLSv1.2' }),
    broken: { tls_version: 'none' },
    tier: 'breach',
    sentence: /without encryption; until now every call was encrypted/,
  },
  {
    rule: 'plaintext',
    what: 'a call in the clear against the policy',
    policy: { tls: { plaintext: 'denied', exempt: ['local'] } },
    clean: () => ({ destination: 'local', tls_version: 'none' }),
    broken: { tls_version: 'none' },
    tier: 'breach',
    sentence: /without encryption$/,
  },
  {
    rule: 'tls-downgrade',
    what: 'an older TLS than the edge spoke',
    clean: () => ({ tls_version: 'TLSv1.3' }),
    broken: { tls_version: 'TLSv1.1' },
    tier: 'breach',
    sentence: /over TLSv1\.1; until now it was TLSv1\.3/,
  },
  {
    rule: 'tls-below-policy',
    what: 'an older TLS than the policy accepts',
    policy: { tls: { version_min: 'TLSv1.2' } },
    clean: () => ({ tls_version: 'TLSv1.2' }),
    broken: { tls_version: 'TLSv1.1' },
    tier: 'warning',
    sentence: /the policy asks for TLSv1\.2/,
  },
  {
    rule: 'mtls-lost',
    what: 'a call without a certificate on an edge that had one',
    clean: () => ({ mtls: true }),
    broken: { mtls: false },
    tier: 'warning',
    sentence: /until now every call had one/,
  },
  {
    rule: 'weak-cipher',
    what: 'RC4',
    clean: (i) => ({ tls_cipher: i % 2 === 0 ? 'TLS_AES_128_GCM_SHA256' : 'ECDHE-RSA-AES256-GCM-SHA384' }),
    broken: { tls_cipher: 'TLS_RSA_WITH_RC4_128_SHA' },
    tier: 'warning',
    sentence: /RC4/,
  },
  {
    rule: 'certificate-expiry',
    what: 'a certificate that has run out',
    clean: () => attribute('certificate_expires_at', String(now + 60 * days)),
    broken: attribute('certificate_expires_at', String(now - days)),
    tier: 'warning',
    sentence: /expired 1 days ago/,
  },
  {
    rule: 'certificate-change',
    what: 'another certificate at an agent that kept to its own',
    clean: () => attribute('certificate_hash', 'aa'),
    broken: attribute('certificate_hash', 'bb'),
    tier: 'notice',
    sentence: /shop shows a certificate that was never seen at it/,
  },
  {
    rule: 'forbidden-crossing',
    what: 'a call that the matrix denies',
    policy: { zones: { rules: [{ from: ['web'], to: ['db'], verdict: 'denied', note: 'use the api' }] } },
    clean: () => ({ source_zone: 'web', destination_zone: 'api' }),
    broken: { source_zone: 'web', destination_zone: 'db' },
    tier: 'breach',
    sentence: /web \(web\) called shop \(db\): denied by rule 0, use the api/,
  },
  {
    rule: 'forbidden-crossing',
    what: 'zones that only the registry knows',
    policy: { zones: { default: 'denied' } },
    agents: [
      { agent: 'web', zone: 'web' },
      { agent: 'shop', zone: 'web' },
      { agent: 'db', zone: 'db' },
    ],
    clean: () => ({}),
    broken: { destination: 'db' },
    tier: 'breach',
    sentence: /denied by default/,
  },
  {
    rule: 'first-crossing',
    what: 'two zones that never talked',
    clean: (i) => ({ source_zone: 'web', destination_zone: i % 2 === 0 ? 'api' : 'web' }),
    broken: { source_zone: 'web', destination_zone: 'db' },
    tier: 'warning',
    sentence: /nobody in web ever called db before/,
  },
  {
    rule: 'tool-change',
    what: 'tools that changed',
    clean: () => attribute('tools_hash', 'aa'),
    broken: attribute('tools_hash', 'bb'),
    tier: 'breach',
    sentence: /shop offers other tools than before/,
  },
  {
    rule: 'card-change',
    what: 'a card that changed',
    clean: () => attribute('card_hash', 'aa'),
    broken: attribute('card_hash', 'bb'),
    tier: 'breach',
    sentence: /shop shows another agent card/,
  },
  {
    rule: 'outdated-version',
    what: 'a version before the least one',
    policy: { versions: [{ agents: ['web*'], version_min: '2.1' }] },
    clean: () => ({ source_version: '2.10.0' }),
    broken: { source_version: '2.0.9' },
    tier: 'notice',
    sentence: /runs 2\.0\.9; the policy asks for 2\.1 or newer/,
  },
];
