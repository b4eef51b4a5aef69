import { linesOf } from '#shared/lines.ts';

/** One session of the recording. */
export interface Call {
  /** UTC ms, to the minute. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
}

/** A staged attack: its sessions of one name, with gaps of an hour at the most. */
export interface Attack {
  readonly name: string;
  /** First and last session, UTC ms. */
  readonly from: number;
  readonly to: number;
  readonly hosts: ReadonlySet<string>;
}

export interface Slice {
  /** In the order of their times. */
  readonly calls: readonly Call[];
  /** In the order of their beginnings. */
  readonly attacks: readonly Attack[];
  /** How many hosts take part. */
  readonly hosts: number;
}

/** The recording that ships with Amiss; `data/README.md` names its origin. */
export const slicePath = new URL('data/darpa98-june.csv.gz', import.meta.url).pathname;

const attackGapMs = 3_600_000; // as the recording's own users count episodes

/** Reads a recording: lines of minute, source, destination and attack name, in the order of time. */
export async function readSlice(path: string): Promise<Slice> {
  const calls: Call[] = [];
  const attacks: Growing[] = [];
  const hosts = new Set<string>();
  for await (const line of linesOf(path)) {
    const [minute = '', source = '', destination = '', attack = '-'] = line.split(',');
    const call = { time: Date.parse(`${minute}Z`), source, destination };
    calls.push(call);
    hosts.add(source).add(destination);
    if (attack !== '-') addToAttack(attacks, attack, call);
  }
  return { calls, attacks, hosts: hosts.size };
}

interface Growing extends Attack {
  to: number;
  readonly hosts: Set<string>;
}

function addToAttack(attacks: Growing[], name: string, { time, source, destination }: Call): void {
  let attack = attacks.findLast((candidate) => candidate.name === name);
  if (attack === undefined || time - attack.to > attackGapMs) {
    attack = { name, from: time, to: time, hosts: new Set() };
    attacks.push(attack);
  }
  attack.to = time;
  attack.hosts.add(source).add(destination);
}

const foundWithinMs = 600_000;

/**
 * The attack that an alert is about: one of its hosts, at a time between its first session and ten minutes after its
 * last.
 *
 * @param time of the alert, in the recording's own time
 */
export function attackOf(attacks: readonly Attack[], agent: string, time: number): Attack | undefined {
  return attacks.find(
    ({ from, to, hosts }) => hosts.has(agent) && time >= from && time <= to + foundWithinMs,
  );
}
