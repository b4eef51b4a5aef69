import { expect, test } from 'vitest';
import { emptyPolicy } from '#shared/policy/parse-policy.ts';
import { policyDiff } from '#shared/policy/policy-diff.ts';

const rule = (from: string) => ({ from: [from], to: ['shop'], verdict: 'denied' as const });

test('equal policies differ in nothing', () => {
  expect(policyDiff(emptyPolicy, structuredClone(emptyPolicy))).toEqual([]);
});

test('a changed key is told with its value before and after', () => {
  const after = { ...emptyPolicy, tls: { ...emptyPolicy.tls, version_min: 'TLSv1.2' as const } };
  expect(policyDiff(emptyPolicy, after)).toEqual([
    { change: 'replaced', key: 'tls.version_min', before: 'SSLv3', after: 'TLSv1.2' },
  ]);
});

test('a rule put before another is one addition, not a list of replacements', () => {
  const before = { ...emptyPolicy, zones: { ...emptyPolicy.zones, rules: [rule('web')] } };
  const after = { ...before, zones: { ...before.zones, rules: [rule('lab'), rule('web')] } };
  expect(policyDiff(before, after)).toEqual([
    { change: 'added', key: 'zones.rules', before: null, after: rule('lab') },
  ]);
});

test('rules in another order have moved', () => {
  const before = { ...emptyPolicy, zones: { ...emptyPolicy.zones, rules: [rule('web'), rule('lab')] } };
  const after = { ...before, zones: { ...before.zones, rules: [rule('lab'), rule('web')] } };
  expect(policyDiff(before, after).map((change) => change.change)).toEqual(['moved']);
});
