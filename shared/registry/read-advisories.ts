import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type Advisory, parseAdvisory } from './advisory.ts';

/** Files of one folder that are read, and bytes of one file or answer. */
const filesMax = 100_000;
const bytesMax = 64 * 2 ** 20;
const fetchMsMax = 30_000;

/** Advisories that were found, and what could not be read, by place. */
export interface ReadAdvisories {
  readonly advisories: readonly Advisory[];
  readonly faults: readonly string[];
}

/**
 * Reads advisories in OSV format: all `*.json` of a folder and its subfolders, or what a URL answers: one record, a
 * list of records, or `{"vulns": [...]}` as osv.dev answers. Never throws: what cannot be read is a fault.
 */
export async function readAdvisories(place: string): Promise<ReadAdvisories> {
  try {
    return /^https?:\/\//.test(place) ? parsed(place, await textAt(place)) : await readFolder(place);
  } catch (error) {
    return { advisories: [], faults: [`${place}: ${messageOf(error)}`] };
  }
}

async function readFolder(folder: string): Promise<ReadAdvisories> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  const advisories: Advisory[] = [];
  const faults: string[] = [];
  if (names.length > filesMax) faults.push(`${folder}: only the first ${filesMax} files are read`);
  for (const name of names.slice(0, filesMax)) {
    const found = parsed(name, await readFile(join(folder, name), 'utf8').catch((error) => messageOf(error)));
    advisories.push(...found.advisories);
    faults.push(...found.faults);
  }
  return { advisories, faults };
}

async function textAt(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchMsMax) });
  if (!response.ok) throw new Error(`http ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new Error(`longer than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(place: string, text: string): ReadAdvisories {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { advisories: [], faults: [`${place}: is not JSON: ${messageOf(error)}`] };
  }
  const records = Array.isArray(value) ? value : (vulnsOf(value) ?? [value]);
  const advisories = records.flatMap((record) => parseAdvisory(record) ?? []);
  const bad = records.length - advisories.length;
  return {
    advisories,
    faults: bad === 0 ? [] : [`${place}: ${bad} of ${records.length} are no OSV records`],
  };
}

function vulnsOf(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !('vulns' in value)) return undefined;
  return Array.isArray(value.vulns) ? value.vulns : undefined;
}
