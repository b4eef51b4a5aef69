import { describe, expect, test } from 'vitest';
import { parseForward } from '../../../../../services/collector/listeners/forward-message.ts';
import { pack } from '../../../../../services/collector/wire/msgpack-write.ts';

const entry = pack([7, { source: 'web', destination: 'db' }]);
const recordsOf = (bytes: Buffer) => {
  const message = parseForward(bytes);
  return Array.from(message?.decode(message.body ?? bytes) ?? [], (outcome) =>
    outcome.kind === 'record' ? outcome.record : outcome.kind,
  );
};
const record = { source: 'web', destination: 'db' };
/** `[tag, entries]` with the entries as a text of msgpack before it had binary values. */
const packedAsText = (entries: Buffer) =>
  Buffer.concat([
    Buffer.from([0x92]),
    pack('app'),
    Buffer.from([0xda, entries.length >> 8, entries.length & 255]),
    entries,
  ]);

describe('a message of the forward protocol', () => {
  test.each([
    ['one entry', pack(['app', 7, record])],
    ['entries', pack(['app', [[7, record]]])],
    ['packed entries', pack(['app', entry])],
    ['packed entries as a text', packedAsText(entry)],
  ])('may hold %s', (_, bytes) => {
    expect(parseForward(bytes)?.tag).toBe('app');
    expect(recordsOf(bytes)).toEqual([record]);
  });

  test('keeps bytes that are no UTF-8 when they are packed as a text', () => {
    const bytes = Buffer.from('1f8b08000000ff', 'hex');
    expect(parseForward(packedAsText(bytes))?.body).toEqual(bytes);
  });

  test('names its chunk and its compression', () => {
    const message = parseForward(pack(['app', entry, { chunk: 'c1', compressed: 'gzip' }]));
    expect(message).toMatchObject({ chunk: 'c1', encoding: 'gzip' });
  });

  test.each([pack('GET'), pack(7), pack(['app']), Buffer.from([0xc1]), Buffer.alloc(0)])(
    'is nothing else: %s',
    (bytes) => {
      expect(parseForward(bytes)).toBeUndefined();
    },
  );
});
