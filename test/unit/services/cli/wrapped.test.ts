import { expect, test } from 'vitest';
import { wrapped } from '../../../../services/cli/wrapped.ts';

test('cuts at spaces and indents what follows', () => {
  expect(wrapped('one two three', 7, 2)).toEqual(['one two', '  three']);
});

test('keeps the spaces in front, and leaves a long word whole', () => {
  expect(wrapped('  a-very-long-word b', 5, 4)).toEqual(['  a-very-long-word', '    b']);
});

test('nothing is one empty line', () => {
  expect(wrapped('', 10, 0)).toEqual(['']);
});
