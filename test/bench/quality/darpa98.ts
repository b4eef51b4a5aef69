import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync, renameSync } from 'node:fs';
import { unzip } from './archive.ts';

/** The rows of the set in time order (stable), with what is known of each. */
export interface DarpaRows {
  readonly count: number;
  /** UTC ms, minute grain. */
  readonly times: Float64Array;
  /** Index into `agents`. */
  readonly sources: Int32Array;
  readonly destinations: Int32Array;
  readonly agents: readonly string[];
  /** Index into `attacks`; 0 is normal. */
  readonly labels: Uint8Array;
  readonly attacks: readonly string[];
}

/** Where learning ends and reporting begins: the first working week is about 99 % clean. */
export const darpaLearnUntil = Date.UTC(1998, 5, 6);

// The README's list: floods and sweeps, whose sheer number decides the figure over all rows.
const highVolumeAttacks = new Set(
  (
    'neptune neptunettl smurf smurfttl snmpgetattack snmpguess satan mailbomb processtable udpstorm apache2 back ' +
    'pod teardrop land portsweep ipsweep mscan saint nmap'
  ).split(' '),
);

/** Is it one of the attacks that the figure over low-volume attacks is about? Normal is not. */
export function isLowVolume(attack: string): boolean {
  return attack !== '-' && !highVolumeAttacks.has(attack);
}

const minuteMs = 60_000;

/** Reads `darpa_original.zip`. Takes some five seconds and 700 MB. */
export function readDarpa98(path: string): DarpaRows {
  const csv = unzip(readFileSync(path)).get('darpa_original.csv');
  if (csv === undefined) throw new Error(`${path} holds no darpa_original.csv`);
  const parsed = parseRows(csv);
  const order = timeOrder(parsed.minutes);
  const arrange = <T extends Int32Array | Uint8Array>(from: T, into: T): T => {
    for (let i = 0; i < order.length; i += 1) into[i] = from[order[i] ?? 0] ?? 0;
    return into;
  };
  const count = order.length;
  const times = new Float64Array(count);
  for (let i = 0; i < count; i += 1) times[i] = (parsed.minutes[order[i] ?? 0] ?? 0) * minuteMs;
  return {
    count,
    times,
    sources: arrange(parsed.sources, new Int32Array(count)),
    destinations: arrange(parsed.destinations, new Int32Array(count)),
    agents: parsed.agents,
    labels: arrange(parsed.labels, new Uint8Array(count)),
    attacks: parsed.attacks,
  };
}

/** Names by their order of appearance. */
function interner(...first: readonly string[]): { readonly names: string[]; index(name: string): number } {
  const names = [...first];
  const slots = new Map(names.map((name, slot) => [name, slot]));
  return {
    names,
    index: (name) => {
      const known = slots.get(name);
      if (known !== undefined) return known;
      slots.set(name, names.length);
      return names.push(name) - 1;
    },
  };
}

function parseRows(csv: Buffer) {
  let count = 0;
  for (let at = csv.indexOf(10); at >= 0; at = csv.indexOf(10, at + 1)) count += 1;
  const minutes = new Int32Array(count);
  const sources = new Int32Array(count);
  const destinations = new Int32Array(count);
  const labels = new Uint8Array(count);
  const agents = interner();
  const attacks = interner('-');
  const minuteOf = new Map<string, number>();
  let start = 0;
  for (let row = 0; row < count; row += 1) {
    const end = csv.indexOf(10, start);
    const [source = '', destination = '', time = '', attack = '-'] = csv
      .toString('latin1', start, end)
      .split(',');
    let minute = minuteOf.get(time);
    if (minute === undefined) {
      minute = parseMinute(time);
      minuteOf.set(time, minute);
    }
    minutes[row] = minute;
    sources[row] = agents.index(source);
    destinations[row] = agents.index(destination);
    labels[row] = attacks.index(attack.trim());
    start = end + 1;
  }
  return { minutes, sources, destinations, labels, agents: agents.names, attacks: attacks.names };
}

/** `MM/DD/YYYY-HH:MM` as minutes since 1970; the impossible 07/32 is 08/01, as Date.UTC reads it anyway. */
function parseMinute(text: string): number {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = text.split(/[/:-]/).map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute);
  if (Number.isNaN(time)) throw new Error(`darpa98: no time: ${text}`);
  return time / minuteMs;
}

/** A stable counting sort: rows by minute. */
function timeOrder(minutes: Int32Array): Int32Array {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const minute of minutes) {
    if (minute < first) first = minute;
    if (minute > last) last = minute;
  }
  const starts = new Int32Array(last - first + 2);
  for (const minute of minutes) starts[minute - first + 1] = (starts[minute - first + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const order = new Int32Array(minutes.length);
  for (let row = 0; row < minutes.length; row += 1) {
    const bucket = (minutes[row] ?? 0) - first;
    const place = starts[bucket] ?? 0;
    order[place] = row;
    starts[bucket] = place + 1;
  }
  return order;
}

const chunkRows = 20_000;

/** Writes the rows as native events, one JSON object a line, unless the file is there already. */
export async function writeDarpaEvents(rows: DarpaRows, path: string): Promise<void> {
  if (existsSync(path)) return;
  const quoted = rows.agents.map((agent) => JSON.stringify(agent));
  const file = createWriteStream(`${path}.part`);
  for (let from = 0; from < rows.count; from += chunkRows) {
    let chunk = '';
    for (let i = from; i < Math.min(rows.count, from + chunkRows); i += 1) {
      const source = quoted[rows.sources[i] ?? 0];
      chunk += `{"time":${rows.times[i]},"source":${source},"destination":${quoted[rows.destinations[i] ?? 0]}}\n`;
    }
    if (!file.write(chunk)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  renameSync(`${path}.part`, path);
}
