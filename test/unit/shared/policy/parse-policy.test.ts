import { expect, test } from 'vitest';
import { emptyPolicy, parsePolicy, parsePolicyText } from '#shared/policy/parse-policy.ts';

const faultsOf = (text: string) => {
  const parsed = parsePolicyText(text);
  return parsed.ok ? [] : parsed.faults;
};

test('a policy of one line is complete', () => {
  expect(parsePolicyText('version: 1')).toEqual({ ok: true, policy: emptyPolicy });
});

test('a rule keeps what it says and takes the defaults for the rest', () => {
  const parsed = parsePolicyText(`
version: 1
zones:
  default: denied
  rules:
    - { from: [web], to: [shop], verdict: allowed, ports: [443] }
grants:
  - { agent: web-*, to: [shop] }
`);
  expect(parsed.ok && parsed.policy.zones).toEqual({
    default: 'denied',
    within: 'allowed',
    unknown: 'allowed',
    rules: [{ from: ['web'], to: ['shop'], verdict: 'allowed', ports: [443] }],
  });
  expect(parsed.ok && parsed.policy.grants).toEqual([{ agent: 'web-*', to: ['shop'], actions: ['*'] }]);
});

test.each([
  ['version: 1\nzone: {}', 'policy: there is no key zone; remove it or correct its spelling'],
  ['version: 1\nzones: {default: forbidden}', 'policy.zones.default: write one of allowed, watched, denied'],
  ['version: 1\nzones: {rules: [{from: [a], to: [b]}]}', 'policy.zones.rules.0: add the key verdict'],
  ['zones: {}', 'policy: add the key version'],
  ['version: 1\ntls: {certificate_days_min: -1}', 'policy.tls.certificate_days_min: must be >= 0'],
])('%j is refused by key and remedy', (text, fault) => {
  expect(faultsOf(text)).toContain(fault);
});

test('text that is not YAML is refused and does not throw', () => {
  expect(faultsOf('version: [1')[0]).toMatch(/^policy.yaml is not YAML: /);
});

test('a rule that can never decide is refused with the rule that hides it', () => {
  expect(
    faultsOf(`
version: 1
zones:
  rules:
    - { from: [web], to: [shop], verdict: allowed }
    - { from: [web], to: [shop], verdict: denied, ports: [22] }
`),
  ).toEqual([
    'policy.zones.rules.1: rule 0 already decides web → shop; move the narrower rule before it or remove one of them',
  ]);
});

test('what is given is not changed', () => {
  const given = Object.freeze({ version: 1, zones: Object.freeze({ default: 'denied' }) });
  expect(parsePolicy(given).ok).toBe(true);
  expect(given).toEqual({ version: 1, zones: { default: 'denied' } });
});
