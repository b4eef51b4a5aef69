import type { Random } from '#shared/random.ts';

// What parsers stumble over: numbers beyond every type, names of prototypes, half a character, and ends.
const nasty = [
  '1e999',
  '-0',
  '9223372036854775808',
  '0.1e-400',
  '"__proto__":{"a":1},',
  '"constructor":{"prototype":{}},',
  '"source":"a","source":"b",',
  '"time":1e18,',
  '"time":"0000-13-45",',
  '\\ud800',
  '\u0000',
  '\uFEFF',
  '[[[[[[[[',
  '{{{{{{{{',
  '}]}]}]',
  '"',
  '\\',
  '\n',
  '<999>1 - - - - - -',
  '99999999999 ',
].map((text) => Buffer.from(text));

/** Changes a body in one to four places: bits, runs, copies, cuts, and things that parsers stumble over. */
export function mutate(seed: Buffer, random: Random): Buffer {
  let body: Buffer = Buffer.from(seed);
  const changes = 1 + pick(random, 4);
  for (let i = 0; i < changes; i += 1) body = change(body, random);
  return body;
}

const bytesMax = 65_536;

function change(body: Buffer, random: Random): Buffer {
  const at = pick(random, body.length + 1);
  const to = Math.min(body.length, at + pick(random, 64));
  switch (pick(random, 7)) {
    case 0:
      if (at < body.length) body[at] = pick(random, 256);
      return body;
    case 1:
      if (at < body.length) body[at] = (body[at] ?? 0) ^ (1 << pick(random, 8));
      return body;
    case 2:
      return Buffer.concat([body.subarray(0, at), body.subarray(to)]);
    case 3:
      return body.length > bytesMax
        ? body.subarray(0, at)
        : Buffer.concat([body.subarray(0, to), body.subarray(at)]);
    case 4:
      return Buffer.concat([
        body.subarray(0, at),
        nasty[pick(random, nasty.length)] ?? body,
        body.subarray(at),
      ]);
    case 5:
      return body.subarray(0, at);
    default:
      return Buffer.concat([
        body.subarray(0, at),
        Buffer.from(Array.from({ length: pick(random, 16) }, () => pick(random, 256))),
        body.subarray(to),
      ]);
  }
}

/** A whole number from 0 to `below` − 1. */
export function pick(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}
