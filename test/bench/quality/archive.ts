import { inflateRawSync } from 'node:zlib';

/** The files of an archive by their path in it. */
export type Files = ReadonlyMap<string, Buffer>;

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const methodStored = 0;
const methodDeflated = 8;

/**
 * Unpacks a zip archive in memory (stored or deflated entries, no encryption, no ZIP64).
 *
 * @throws {Error} not a zip archive, or an entry with another method
 * @source PKWARE APPNOTE 6.3, sections 4.3.7 to 4.3.16
 */
export function unzip(archive: Buffer): Files {
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < 0) throw new Error('not a zip archive');
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== directoryEntry) throw new Error('the zip directory is damaged');
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    files.set(name, unzipEntry(archive, at));
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}

function unzipEntry(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const packedBytes = archive.readUInt32LE(entry + 20);
  const bytes = archive.readUInt32LE(entry + 24);
  const header = archive.readUInt32LE(entry + 42);
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (method === methodStored) return packed;
  if (method !== methodDeflated) throw new Error(`zip method ${method} is not known here`);
  return inflateRawSync(packed, { maxOutputLength: bytes });
}

const blockBytes = 512;

/**
 * Unpacks a tar archive in memory: plain files, names of up to 100 characters.
 *
 * @source POSIX.1-1988, ustar
 */
export function untar(archive: Buffer): Files {
  const files = new Map<string, Buffer>();
  const text = (at: number, length: number) =>
    archive
      .toString('utf8', at, at + length)
      .replace(/\0.*$/s, '')
      .trim();
  for (let at = 0; at + blockBytes <= archive.length; ) {
    const name = text(at, 100);
    if (name === '') break; // an empty block ends the archive
    const bytes = Number.parseInt(text(at + 124, 12), 8);
    const body = at + blockBytes;
    const isFile = text(at + 156, 1) === '0';
    if (isFile) files.set(name.replace(/^\.\//, ''), archive.subarray(body, body + bytes));
    at = body + Math.ceil(bytes / blockBytes) * blockBytes;
  }
  return files;
}
