import { createHash } from 'node:crypto';
import { type FileHandle, glob, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '#shared/clock.ts';
import { createLineParser, type LineParser } from './lines.ts';

/** Some lines of a file on their way to a collector. */
export interface FileBatch {
  /** NDJSON: an object a line, or a text for a line that only a schema understands. */
  readonly ndjson: string;
  /** The same for the same place in the same file: sent as `Idempotency-Key`, it makes a repeat harmless. */
  readonly key: string;
  readonly path: string;
  readonly lines: number;
}

export interface TailOptions {
  /** Paths, or patterns such as `/var/log/zeek/*.log`; files that appear later are read too. */
  readonly patterns: readonly string[];
  /** Where what was delivered is remembered, so that a restart goes on there. */
  readonly statePath: string;
  /** Resolves when the batch is durable at the collector. */
  readonly deliver: (batch: FileBatch) => Promise<void>;
  readonly clock: Clock;
  /** Ends the tail; what was delivered is remembered. */
  readonly signal: AbortSignal;
  /** Start new files at their end instead of their beginning. */
  readonly startsAtEnd?: boolean;
}

/** Files at once; beyond it the rest waits until others are gone. */
const filesMax = 1_024;
const pollMs = 500;
const readBytes = 512 * 1024;
// Headers of Zeek and VPC flow logs stand in the first lines.
const headerBytes = 64 * 1024;
const lineFeed = 10;

interface Place {
  readonly inode: number;
  readonly offset: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  offset: number;
  readonly parse: LineParser;
}

/**
 * Follows files as they grow, through rotation by renaming or truncation, and goes on after a restart where it had
 * delivered. A line is delivered when it is ended by a line feed, or when its file is rotated away.
 */
export async function tailFiles(options: TailOptions): Promise<void> {
  const places = await readPlaces(options.statePath);
  const files = new Map<string, OpenFile>();
  let isFirst = true;
  try {
    while (!options.signal.aborted) {
      for (const path of await matching(options.patterns)) {
        await visit(path, files, places, {
          ...options,
          startsAtEnd: isFirst && options.startsAtEnd === true,
        });
        if (options.signal.aborted) break;
      }
      isFirst = false;
      await options.clock.sleep(pollMs, options.signal).catch(() => {}); // aborted: the loop sees it
    }
  } finally {
    await Promise.all([...files.values()].map(({ handle }) => handle.close()));
  }
}

async function matching(patterns: readonly string[]): Promise<readonly string[]> {
  const paths = new Set<string>();
  for await (const path of glob([...patterns])) {
    paths.add(path);
    if (paths.size >= filesMax) break;
  }
  return [...paths].sort();
}

async function visit(
  path: string,
  files: Map<string, OpenFile>,
  places: Map<string, Place>,
  options: TailOptions,
): Promise<void> {
  const now = await stat(path).catch(() => undefined); // renamed or removed since it was listed
  if (now !== undefined && !now.isFile()) return;
  let file = files.get(path);
  const isReplaced = file !== undefined && (now === undefined || now.ino !== file.inode);
  if (file !== undefined && isReplaced) {
    await readOn(path, file, places, { ...options, endsFile: true });
    await file.handle.close();
    files.delete(path);
    file = undefined;
  }
  if (now === undefined) return;
  if (file === undefined) {
    file = await openAt(path, now.ino, now.size, places, options);
    files.set(path, file);
  }
  if (now.size < file.offset) file.offset = 0; // truncated: it begins anew
  await readOn(path, file, places, { ...options, endsFile: false });
}

async function openAt(
  path: string,
  inode: number,
  size: number,
  places: Map<string, Place>,
  options: TailOptions,
): Promise<OpenFile> {
  const place = places.get(path);
  if (place !== undefined && place.inode !== inode) await finishRotated(path, place, places, options);
  const isKnown = place?.inode === inode && place.offset <= size;
  const offset = isKnown ? place.offset : place === undefined && options.startsAtEnd === true ? size : 0;
  const handle = await open(path, 'r');
  return { handle, inode, offset, parse: await parserFor(handle, offset) };
}

/** While we were away the file was renamed: what it still holds comes first. */
async function finishRotated(
  path: string,
  place: Place,
  places: Map<string, Place>,
  options: TailOptions,
): Promise<void> {
  const folder = dirname(path);
  const names = (await readdir(folder)).filter((name) => name.startsWith(basename(path)));
  for (const name of names) {
    const known = await stat(join(folder, name)).catch(() => undefined);
    if (known?.ino !== place.inode) continue;
    const handle = await open(join(folder, name), 'r');
    const parse = await parserFor(handle, place.offset);
    const file = { handle, inode: place.inode, offset: place.offset, parse };
    try {
      await readOn(path, file, places, { ...options, endsFile: true });
    } finally {
      await handle.close();
    }
    return;
  }
}

/** A parser that knows the headers above the place where reading begins. */
async function parserFor(handle: FileHandle, offset: number): Promise<LineParser> {
  const parse = createLineParser();
  if (offset === 0) return parse;
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(Math.min(headerBytes, offset)),
    0,
    undefined,
    0,
  );
  for (const line of buffer.toString('utf8', 0, bytesRead).split('\n')) parse(line);
  return parse;
}

async function readOn(
  path: string,
  file: OpenFile,
  places: Map<string, Place>,
  options: TailOptions & { readonly endsFile: boolean },
): Promise<void> {
  let size = readBytes;
  while (!options.signal.aborted) {
    const { buffer, bytesRead } = await file.handle.read(Buffer.alloc(size), 0, undefined, file.offset);
    if (bytesRead === 0) return;
    const bytes = buffer.subarray(0, bytesRead);
    const isLast = bytesRead < size;
    const end = isLast && options.endsFile ? bytesRead : bytes.lastIndexOf(lineFeed) + 1;
    if (end === 0) {
      if (isLast) return; // an unfinished line: the rest of it comes later
      size *= 2; // a line longer than a read
      continue;
    }
    await deliverLines(path, file, bytes.subarray(0, end), options);
    file.offset += end;
    places.set(path, { inode: file.inode, offset: file.offset });
    await writePlaces(options.statePath, places);
  }
}

async function deliverLines(
  path: string,
  file: OpenFile,
  bytes: Buffer,
  options: TailOptions,
): Promise<void> {
  const records: string[] = [];
  for (const line of bytes.toString('utf8').split('\n')) {
    const text = line.trimEnd();
    if (text === '') continue;
    const record = text.startsWith('{') ? text : JSON.stringify(file.parse(text));
    if (record !== undefined) records.push(record); // a header says nothing by itself
  }
  if (records.length === 0) return;
  const key = createHash('sha256').update(`${path}\u0000${file.inode}\u0000${file.offset}`).digest('hex');
  await options.deliver({ ndjson: `${records.join('\n')}\n`, key, path, lines: records.length });
}

async function readPlaces(path: string): Promise<Map<string, Place>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(path, 'utf8')) as Record<string, Place>));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

/** Replaced as a whole: a crash leaves the old places or the new ones. */
async function writePlaces(path: string, places: ReadonlyMap<string, Place>): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, JSON.stringify(Object.fromEntries(places)));
  await rename(draft, path);
}
