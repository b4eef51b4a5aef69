import { AppError } from '#shared/errors.ts';

/** Where parts of an engine put their state: named blocks of numbers, and named small JSON values. */
export interface StateWriter {
  block(name: string, numbers: Float64Array | Float32Array | Int32Array): void;
  value(name: string, json: unknown): void;
  /** The same writer with `prefix/` before every name. */
  within(prefix: string): StateWriter;
}

/** The way back. A name that was never written reads as `undefined`: an older snapshot, or a new detector. */
export interface StateReader {
  floats(name: string): Float64Array | undefined;
  singles(name: string): Float32Array | undefined;
  ints(name: string): Int32Array | undefined;
  value(name: string): unknown;
  within(prefix: string): StateReader;
}

/** What has a state of its own. */
interface Stateful {
  save(state: StateWriter): void;
  restore(state: StateReader): void;
}

/** Several parts that are saved and restored as one. */
export function allOf(parts: readonly Stateful[]): Stateful {
  return {
    save: (state) => {
      for (const part of parts) part.save(state);
    },
    restore: (state) => {
      for (const part of parts) part.restore(state);
    },
  };
}

interface BlockHeader {
  readonly name: string;
  readonly kind: keyof typeof bytesOf;
  readonly length: number;
}

interface Header {
  readonly version: number;
  readonly blocks: readonly BlockHeader[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** Bytes of a number, by the kind of its block. */
const bytesOf = { f64: 8, f32: 4, i32: 4 } as const;

function kindOf(numbers: Float64Array | Float32Array | Int32Array): keyof typeof bytesOf {
  if (numbers instanceof Float64Array) return 'f64';
  return numbers instanceof Float32Array ? 'f32' : 'i32';
}

const stateVersion = 1;
const alignment = 8;

/**
 * Packs state into bytes: the length of a JSON header, the header, then the blocks one after another, each 8-byte
 * aligned, little-endian like every platform that Node runs on.
 *
 * @example decodeState(encodeState((state) => state.value('answer', 42))).value('answer'); // => 42
 */
export function encodeState(save: (state: StateWriter) => void): Buffer {
  const blocks: BlockHeader[] = [];
  const bodies: Uint8Array[] = [];
  const values: Record<string, unknown> = {};
  const writer = (prefix: string): StateWriter => ({
    block: (name, numbers) => {
      blocks.push({ name: prefix + name, kind: kindOf(numbers), length: numbers.length });
      bodies.push(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    },
    value: (name, json) => {
      values[prefix + name] = json;
    },
    within: (inner) => writer(`${prefix}${inner}/`),
  });
  save(writer(''));
  const header = Buffer.from(JSON.stringify({ version: stateVersion, blocks, values } satisfies Header));
  const length = Buffer.alloc(alignment);
  length.writeUInt32LE(header.length);
  const parts: Uint8Array[] = [length, header, Buffer.alloc(paddingOf(header.length))];
  for (const body of bodies) parts.push(body, Buffer.alloc(paddingOf(body.length)));
  return Buffer.concat(parts);
}

/**
 * Reads packed state. The blocks are copies: the bytes may go.
 *
 * @throws {AppError} STATE_INVALID: the bytes are cut short or of another version
 */
export function decodeState(bytes: Buffer): StateReader {
  const { header, bodyStart } = readHeader(bytes);
  const starts = new Map<string, { readonly block: BlockHeader; readonly start: number }>();
  let start = bodyStart;
  for (const block of header.blocks) {
    starts.set(block.name, { block, start });
    start += aligned(block.length * bytesOf[block.kind]);
  }
  if (start > bytes.length) throw new AppError('STATE_INVALID', 'the state is cut short');
  const copyOf = (name: string, kind: BlockHeader['kind']): ArrayBuffer | undefined => {
    const found = starts.get(name);
    if (found === undefined || found.block.kind !== kind) return undefined;
    const size = found.block.length * bytesOf[kind];
    const copy = new Uint8Array(size);
    copy.set(bytes.subarray(found.start, found.start + size));
    return copy.buffer;
  };
  const reader = (prefix: string): StateReader => ({
    floats: (name) => {
      const copy = copyOf(prefix + name, 'f64');
      return copy === undefined ? undefined : new Float64Array(copy);
    },
    singles: (name) => {
      const copy = copyOf(prefix + name, 'f32');
      return copy === undefined ? undefined : new Float32Array(copy);
    },
    ints: (name) => {
      const copy = copyOf(prefix + name, 'i32');
      return copy === undefined ? undefined : new Int32Array(copy);
    },
    value: (name) => header.values[prefix + name],
    within: (inner) => reader(`${prefix}${inner}/`),
  });
  return reader('');
}

function readHeader(bytes: Buffer): { readonly header: Header; readonly bodyStart: number } {
  const length = bytes.length < alignment ? Number.POSITIVE_INFINITY : bytes.readUInt32LE(0);
  if (alignment + length > bytes.length) throw new AppError('STATE_INVALID', 'the state is cut short');
  const header = JSON.parse(bytes.toString('utf8', alignment, alignment + length)) as Header;
  if (header.version !== stateVersion) {
    throw new AppError('STATE_INVALID', `the state has version ${header.version}, known is ${stateVersion}`);
  }
  return { header, bodyStart: alignment + aligned(length) };
}

const aligned = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
const paddingOf = (bytes: number) => aligned(bytes) - bytes;
