import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { expect, test } from 'vitest';
import {
  createReadMsgpack,
  messageEnd,
  readMsgpack,
} from '../../../../../services/collector/wire/msgpack.ts';
import { pack } from '../../../../../services/collector/wire/msgpack-write.ts';

// msgpackr is the authority here.
const packr = new Packr({ useRecords: false, variableMapSize: true });
const values = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

test('reads what msgpackr writes', () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = packr.pack(value);
      const read = readMsgpack(bytes, 0);
      expect(read).toMatchObject({ ok: true, end: bytes.length });
      expect(JSON.stringify(read.ok && read.value)).toBe(JSON.stringify(value));
    }),
  );
});

test('finds where a message ends, wherever the network cuts it', () => {
  fc.assert(
    fc.property(values, fc.nat(), (value, cut) => {
      const bytes = packr.pack(value);
      const at = cut % bytes.length;
      const end = messageEnd();
      expect(end.find(bytes.subarray(0, at))).toBeUndefined();
      expect(end.find(Buffer.concat([bytes, Buffer.from([1])]))).toBe(bytes.length);
    }),
  );
});

test('values one after another are read until one is damaged', () => {
  const read = createReadMsgpack();
  const bytes = Buffer.concat([pack('a'), pack([1]), Buffer.from([0xc1]), pack('b')]);
  expect([read(bytes, 0), read(bytes, 2)]).toMatchObject([
    { value: 'a', end: 2 },
    { value: [1], end: 4 },
  ]);
  expect(read(bytes, 4)).toMatchObject({ ok: false });
});

test('nesting is bounded, and a length that lies does not take memory', () => {
  expect(readMsgpack(Buffer.alloc(1_000, 0x91), 0)).toMatchObject({ ok: false });
  expect(readMsgpack(Buffer.from('ddffffffff01', 'hex'), 0)).toMatchObject({ ok: false });
});

test('writes what it reads', () => {
  const value = { ack: 'x'.repeat(40), list: ['HELO', true, 7, Buffer.from([1, 2])] };
  expect(packr.unpack(pack(value))).toEqual({ ...value, list: ['HELO', true, 7, Buffer.from([1, 2])] });
});
