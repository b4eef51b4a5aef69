import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createSyslogFrames,
  messageBytesMax,
} from '../../../../../services/collector/listeners/syslog-frames.ts';

const message = fc
  .string({ minLength: 1, maxLength: 200 })
  .map((text) => `<34>${text.replace(/[\r\n\0]/g, ' ')}x`);
const framed = fc.tuple(message, fc.boolean());

test('gives back the messages, counted or by line, wherever the network cuts the stream', () => {
  fc.assert(
    fc.property(fc.array(framed, { maxLength: 20 }), fc.integer({ min: 1, max: 50 }), (messages, size) => {
      const stream = Buffer.concat(
        messages.map(([text, isCounted]) =>
          Buffer.from(isCounted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`),
        ),
      );
      const frames = createSyslogFrames();
      const read: string[] = [];
      for (let at = 0; at < stream.length; at += size) {
        read.push(...frames.push(stream.subarray(at, at + size)).map(String));
      }
      read.push(...frames.flush().map(String));
      expect(read).toEqual(messages.map(([text]) => text));
    }),
  );
});

test('a NUL ends a message like a line feed', () => {
  const frames = createSyslogFrames();
  const read = frames.push(Buffer.from('<34>one\0<34>two\n<34>three\0\n10 <34>counts<34>f'));
  expect(read.map(String)).toEqual(['<34>one', '<34>two', '<34>three', '<34>counts']);
  expect(frames.push(Buffer.from('our\0')).map(String)).toEqual(['<34>four']);
});

test('a message without any end comes with the pause', () => {
  const frames = createSyslogFrames();
  expect(frames.push(Buffer.from('<34>one'))).toEqual([]);
  expect(frames.flush().map(String)).toEqual(['<34>one']);
  expect(frames.held()).toBe(0);
});

test('what is held is bounded, whatever is sent', () => {
  const frames = createSyslogFrames();
  for (let i = 0; i < 40; i += 1) frames.push(Buffer.alloc(64 * 1024, 'a'));
  expect(frames.held()).toBeLessThanOrEqual(messageBytesMax);
  const counted = createSyslogFrames();
  counted.push(Buffer.from('99999999999999 <34>'));
  expect(counted.held()).toBeLessThan(100);
});
