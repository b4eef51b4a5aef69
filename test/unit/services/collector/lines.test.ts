import { expect, test } from 'vitest';
import { createLineParser } from '../../../../services/collector/lines.ts';

const tsv = [
  '#separator \\x09',
  '#set_separator\t,',
  '#empty_field\t(empty)',
  '#unset_field\t-',
  '#path\tconn',
];

test('lines below a Zeek header are records with its names', () => {
  const parse = createLineParser();
  for (const line of [...tsv, '#fields\tuid\tservice\ttags', '#types\tstring\tstring\tset[string]'])
    expect(parse(line)).toBeUndefined();
  expect(parse('C1\t-\ta,b')).toEqual({ _path: 'conn', uid: 'C1', tags: ['a', 'b'] });
  expect(parse('C2\tssl\t(empty)')).toEqual({ _path: 'conn', uid: 'C2', service: 'ssl', tags: [] });
});

test('another header replaces the first, and a closing line ends it', () => {
  const parse = createLineParser();
  for (const line of [...tsv, '#fields\tuid']) parse(line);
  parse('#separator \\x2c');
  parse('#fields,a,b');
  expect(parse('1,2')).toEqual({ a: '1', b: '2' });
  parse('#close,2026');
  expect(parse('1,2')).toBe('1,2');
});

test('a header of VPC flow logs names the columns in any order', () => {
  const parse = createLineParser();
  expect(parse('srcaddr dstaddr tcp-flags')).toBeUndefined();
  expect(parse('10.0.0.1 10.0.0.2 -')).toEqual({
    srcaddr: '10.0.0.1',
    dstaddr: '10.0.0.2',
    'tcp-flags': '-',
  });
});

test('a line of another shape stands alone', () => {
  const parse = createLineParser();
  for (const line of [...tsv, '#fields\tuid\tts']) parse(line);
  expect(parse('[2026-11-02T10:00:00Z] "GET / HTTP/1.1" 200')).toBe(
    '[2026-11-02T10:00:00Z] "GET / HTTP/1.1" 200',
  );
});

test('streams do not know of each other', () => {
  const first = createLineParser();
  for (const line of [...tsv, '#fields\tuid\tts']) first(line);
  expect(createLineParser()('C1\t1')).toBe('C1\t1');
});

test('a column cannot reach the prototype', () => {
  const parse = createLineParser();
  parse('#fields\t__proto__\tuid');
  expect(parse('x\tC1')).toEqual({ uid: 'C1' });
});
