import { expect, test } from 'vitest';
import { compilePolicy } from '#shared/policy/compile-policy.ts';
import { parsePolicy } from '#shared/policy/parse-policy.ts';

function compiled(rest: object) {
  const parsed = parsePolicy({ version: 1, ...rest });
  if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
  return compilePolicy(parsed.policy);
}

const matrix = compiled({
  zones: {
    default: 'denied',
    unknown: 'watched',
    rules: [
      { from: ['web'], to: ['shop'], verdict: 'allowed', ports: [443], protocols: ['grpc', 'http*'] },
      { from: ['web'], to: ['shop'], verdict: 'watched', actions: ['GET *'] },
      { from: ['*'], to: ['logs'], verdict: 'allowed' },
    ],
  },
});

test.each([
  [{ source_zone: 'web', destination_zone: 'shop', destination_port: 443, protocol: 'https' }, 'allowed', 0],
  [{ source_zone: 'web', destination_zone: 'shop', destination_port: 80, protocol: 'http' }, 'denied', null],
  [{ source_zone: 'web', destination_zone: 'shop', action: 'GET /' }, 'watched', 1],
  [{ source_zone: 'shop', destination_zone: 'logs' }, 'allowed', 2],
  [{ source_zone: 'shop', destination_zone: 'shop' }, 'allowed', null],
  [{ source_zone: 'shop', destination_zone: 'web' }, 'denied', null],
  [{ source_zone: 'shop' }, 'watched', null],
])('%j is %s by rule %s', (call, verdict, rule) => {
  expect(matrix.crossing(call)).toEqual({ verdict, rule });
});

test('the same pair is judged the same after a million other pairs', () => {
  for (let i = 0; i < 20_000; i += 1) matrix.crossing({ source_zone: `z${i}`, destination_zone: 'logs' });
  expect(matrix.crossing({ source_zone: 'web', destination_zone: 'logs' }).verdict).toBe('allowed');
});

test('an agent is held to the first version rule that names it', () => {
  const policy = compiled({
    versions: [
      { agents: ['shop-1'], version_min: '2.0' },
      { agents: ['shop-*'], version_min: '1.0' },
    ],
  });
  expect([policy.versionMin('shop-1'), policy.versionMin('shop-2'), policy.versionMin('web')]).toEqual([
    '2.0',
    '1.0',
    undefined,
  ]);
});

test('lists of trusted issuers restrict only when they name one', () => {
  expect(compiled({}).isIssuerKnown('https://anybody')).toBe(true);
  expect(compiled({ tokens: { issuers: ['https://id.*'] } }).isIssuerKnown('https://anybody')).toBe(false);
});
