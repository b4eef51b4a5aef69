import fc from 'fast-check';
import { expect, test } from 'vitest';
import { templatePath } from '../../../../../services/collector/facts/path.ts';

test.each([
  ['/orders/123', '/orders/{id}'],
  ['/orders/123/items?page=2#top', '/orders/{id}/items'],
  ['https://shop.example/orders/123', '/orders/{id}'],
  ['https://shop.example', '/'],
  ['', '/'],
  ['//a//b/', '/a/b'],
  ['/users/8c0e6a52-1a0c-4a0f-9f0e-0d8c52a3b111', '/users/{uuid}'],
  ['/users/8C0E6A52-1A0C-4A0F-9F0E-0D8C52A3B111', '/users/{uuid}'],
  ['/users/ann%40example.com/mail', '/users/{email}/mail'],
  ['/commits/9f2c1d7e8ab4', '/commits/{hex}'],
  ['/days/2026-11-02', '/days/{date}'],
  ['/months/2026-11', '/months/{date}'],
  ['/hosts/10.0.0.7/metrics', '/hosts/{address}/metrics'],
  ['/customers/cus_9s6XKzkNRiz8i3', '/customers/{id}'],
  ['/orders/ord-20931', '/orders/{id}'],
  ['/things/01HF7YAT00AAAAAAAAAAAAAAAA', '/things/{id}'],
  ['/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', '/t/{token}'],
  ['/t/abc123DEF456ghi789', '/t/{token}'],
  ['/tasks/42:cancel', '/tasks/{id}:cancel'],
  ['/message:send', '/message:send'],
  ['/orders/:orderId/items/<int:item>', '/orders/{orderId}/items/{item}'],
  ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/{rest}'],
  ['/api/v1/oauth2/s3', '/api/v1/oauth2/s3'],
  ['/übersetzen', '/übersetzen'],
  ['/bad%zz', '/bad_zz'],
])('%s becomes %s', (path, template) => {
  expect(templatePath(path)).toBe(template);
});

test('a template is its own template', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const once = templatePath(path);
      expect(templatePath(once)).toBe(once);
    }),
    { numRuns: 2000, examples: [['/%7B'], ['/a%2Fb'], ['/a%253A1']] },
  );
});

test('a path of a megabyte has a short template', () => {
  expect(templatePath(`/x/${'a:b'.repeat(400_000)}`)).toMatch(/^\/x\/\{token\}/);
  expect(templatePath('/x'.repeat(500_000))).toBe('/x/x/x/x/x/x/x/x/{rest}');
});

test('no random identifier of a common form survives', () => {
  const identifier = fc.oneof(
    fc.uuid(),
    fc.nat({ max: 2 ** 31 }).map(String),
    fc.ulid(),
    fc.emailAddress({ size: '-1' }).map((email) => encodeURIComponent(email)),
  );
  fc.assert(
    fc.property(identifier, (id) => {
      expect(templatePath(`/x/${id}`)).toMatch(/^\/x\/\{\w+\}$/);
    }),
    { numRuns: 1000 },
  );
});
