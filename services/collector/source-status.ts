import type { Clock } from '#shared/clock.ts';
import { messageOf } from '#shared/errors.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { AppendRecord, EventLog } from '#shared/log/log.ts';
import type { Logger } from '#shared/logger.ts';
import { putNewest } from '#shared/put-newest.ts';
import { createDelays, type Delays } from './delays.ts';
import type { Delivery, Ingest, Taking } from './delivery.ts';
import type { ReportRefusal } from './refusals.ts';

/** Accounts that are open at once, one a source and minute; beyond it further sources share one of this name. */
const sourcesMax = 1_000;
const othersName = '(others)';
/** With those; they too grow while the log is away. Beyond it the oldest go: they are figures about data, not data. */
const accountsMax = 2_000;
const writeEveryMs = 10_000;
const minuteMs = 60_000;

/**
 * What one source delivered to one collector in one minute so far: the columns of `sources_minute`. A later revision
 * replaces an earlier one, so that writing one twice changes nothing.
 */
export interface SourceMinute {
  /** Beginning of the minute of receipt, UTC ms. */
  readonly minute: number;
  readonly space: string;
  /** The shipper's name, or the address of one without a credential. */
  readonly source: string;
  readonly format: string;
  /** The collector's process. */
  readonly collector: string;
  revision: number;
  readonly shipper?: string;
  /** Time of the newest delivery or attempt, UTC ms. */
  last_seen: number;
  /** Records. */
  accepted: number;
  rejected: number;
  /** As they came, compressed or not. */
  bytes: number;
  /** Deliveries that were asked to come again later. */
  busy: number;
  /** Deliveries of which nothing could be read, and callers who were turned away. */
  refused: number;
  /** Receipt minus event time, ms: the least, which is the clock's error and the shortest way, and the median. */
  delay_least_ms?: number;
  delay_median_ms?: number;
}

interface Entry {
  readonly row: SourceMinute;
  readonly delays: Delays;
  isWritten: boolean;
}

/** Keeps account of who delivers how much, and appends it to the topic `sources` from time to time. */
interface SourceStatus {
  /** The same ingest, with every delivery counted. */
  readonly watch: (ingest: Ingest) => Ingest;
  /** The same report, with everybody who is turned away counted. */
  readonly watchRefusals: (report: ReportRefusal) => ReportRefusal;
  /** Writes what is not written yet, and ends. */
  readonly stop: Stop;
}

interface SourceStatusOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A name for this process that no other one has. */
  readonly collector: string;
}

/** Starts to keep account. Never fails and never holds up a delivery: a log that is away leaves a gap at the most. */
export function startSourceStatus(options: SourceStatusOptions): SourceStatus {
  const { clock } = options;
  const entries = new Map<string, Entry>();
  const ended = new AbortController();
  const note = (who: Who, change: (entry: Entry) => void) => {
    const now = clock.now();
    const entry = entryOf(entries, who, now, options.collector);
    entry.row.last_seen = Math.max(entry.row.last_seen, now);
    entry.isWritten = false;
    change(entry);
  };
  const done = (async () => {
    while (!ended.signal.aborted) {
      await clock.sleep(writeEveryMs, ended.signal).catch(() => {}); // the end cuts it short and writes
      await write(entries, options);
    }
  })();
  return {
    watch: (ingest) => ({
      take: async (delivery) => {
        const taking = await ingest.take(delivery);
        note(whoOf(delivery), (entry) => count(entry, delivery, taking));
        return taking;
      },
    }),
    watchRefusals: (report) => (refusal) => {
      note({ source: refusal.who, format: refusal.format, space: 'default', shipper: null }, ({ row }) => {
        row.refused += 1;
      });
      report(refusal);
    },
    stop: async () => {
      ended.abort();
      await done;
    },
  };
}

interface Who {
  readonly source: string;
  readonly format: string;
  readonly space: string;
  readonly shipper: string | null;
}

function whoOf({ sender, format }: Delivery): Who {
  return { source: sender.name, format, space: sender.space ?? 'default', shipper: sender.shipper };
}

function entryOf(entries: Map<string, Entry>, who: Who, now: number, collector: string): Entry {
  const minute = now - (now % minuteMs);
  const keyOf = (source: string) => `${minute}\u0000${who.space}\u0000${source}\u0000${who.format}`;
  const known = entries.get(keyOf(who.source));
  if (known !== undefined) return known;
  const isOneTooMany = entries.size >= sourcesMax;
  const source = isOneTooMany ? othersName : who.source;
  const others = entries.get(keyOf(source));
  if (others !== undefined) return others;
  const row: SourceMinute = {
    minute,
    space: who.space,
    source,
    format: who.format,
    collector,
    revision: 0,
    ...(who.shipper === null || isOneTooMany ? {} : { shipper: who.shipper }),
    last_seen: now,
    accepted: 0,
    rejected: 0,
    bytes: 0,
    busy: 0,
    refused: 0,
  };
  const entry = { row, delays: createDelays(), isWritten: false };
  putNewest(entries, keyOf(source), entry, accountsMax);
  return entry;
}

function count({ row, delays }: Entry, delivery: Delivery, taking: Taking): void {
  switch (taking.kind) {
    case 'taken':
      row.accepted += taking.accepted;
      row.rejected += taking.rejected;
      row.bytes += delivery.body.length;
      delays.addAll(taking.delays);
      return;
    case 'busy':
      row.busy += 1;
      return;
    case 'refused':
      row.refused += 1;
      return;
    default:
      taking satisfies never;
  }
}

async function write(
  entries: Map<string, Entry>,
  { log, clock, logger }: SourceStatusOptions,
): Promise<void> {
  const due = [...entries].filter(([, { isWritten }]) => !isWritten);
  const records = due.map(([, entry]) => recordOf(entry));
  try {
    if (records.length > 0) await log.append('sources', records);
  } catch (error) {
    for (const [, entry] of due) entry.isWritten = false;
    logger.debug({ reason: messageOf(error) }, 'the account of sources waits for the log');
    return;
  }
  const now = clock.now();
  for (const [key, { row, isWritten }] of entries) {
    if (isWritten && row.minute + minuteMs <= now) entries.delete(key);
  }
}

/** What is counted while this is on its way to the log is written the next time. */
function recordOf(entry: Entry): AppendRecord {
  const { row, delays } = entry;
  row.revision += 1;
  entry.isWritten = true;
  const [least, median] = [delays.least(), delays.median()];
  if (least !== undefined) row.delay_least_ms = least;
  if (median !== undefined) row.delay_median_ms = median;
  return { key: row.source, value: JSON.stringify(row) };
}
