import { expect, test } from 'vitest';
import { createCapture } from '../../../../../services/collector/observer/capture.ts';

const json = { 'content-type': 'application/json' };
const stream = { 'content-type': 'text/event-stream; charset=utf-8' };

function captured(chunks: readonly string[], bytesMax = 1000) {
  const capture = createCapture(bytesMax);
  for (const chunk of chunks) capture.add(Buffer.from(chunk));
  return capture;
}

test('a message in pieces is read whole', () => {
  const capture = captured(['{"jsonrpc":"2.0",', '"id":1}']);
  expect(capture.messages(json)).toEqual({ jsonrpc: '2.0', id: 1 });
  expect(capture.bytes()).toBe(24);
});

test('each event of a stream is a message, on one line or several', () => {
  const text =
    ': hello\n\nevent: message\nid: 7\ndata: {"id":1}\n\ndata: {"id":\ndata: 2}\r\n\r\ndata: oops\n\n';
  expect(captured([text]).messages(stream)).toEqual([{ id: 1 }, { id: 2 }]);
});

test('a body beyond the limit is counted and not kept', () => {
  const capture = captured(['{"a":1}', ' '.repeat(100)], 50);
  expect(capture.bytes()).toBe(107);
  expect(capture.messages(json)).toBeUndefined();
});

test('what is no JSON is no message', () => {
  expect(captured(['<html>']).messages(json)).toBeUndefined();
  expect(captured([]).messages(json)).toBeUndefined();
});
