import { numberText, probabilityText } from '#shared/explain/number-text.ts';
import type { Reckoning } from '#shared/explain/reckoning.ts';
import { recompute } from '#shared/explain/recompute.ts';
import type { Counted } from '#shared/explain/working.ts';
import type { Evidence } from '#shared/signal.ts';
import type { Store } from '#shared/store/store.ts';
import { countAgain, firstStored, historyBefore, type StoredHistory } from './counted-again.ts';

/** One test of an alert, computed again. */
export interface ExplainedEvidence extends Omit<Evidence, 'working'> {
  readonly recomputed: number | null;
  readonly agrees: boolean | null;
  readonly counted: number | null;
  /** The working, for a person. */
  readonly lines: string[];
  /** What the stored events say by themselves. */
  readonly stored: string[];
}

export async function explainEvidence(
  store: Store,
  space: string,
  { working, ...shown }: Evidence,
  reckoning: Reckoning | undefined,
): Promise<ExplainedEvidence> {
  const { detector } = shown;
  if (working === undefined) {
    const lines = [`${detector} stores no working: its p cannot be computed again from the alert alone`];
    return { ...shown, recomputed: null, agrees: null, counted: null, lines, stored: [] };
  }
  const inStore = await lookUp(store, space, shown, working.counted);
  const again = recompute(working);
  if (again === undefined) {
    const lines = [`the working of ${detector} lacks numbers that its formula needs`];
    return { ...shown, ...inStore, recomputed: null, agrees: null, lines };
  }
  const recomputed = Math.exp(again.lnP);
  const stored = storedLnPs(reckoning, detector).filter((lnP) => Math.exp(lnP) === shown.p);
  const agrees = recomputed === shown.p && (stored.length === 0 || stored.includes(again.lnP));
  const lines = [...again.lines, verdict(again.lnP, shown.p, agrees)];
  return { ...shown, ...inStore, recomputed, agrees, lines };
}

/**
 * How a p that was computed again stands to the one that was stored. The functions and their numbers are the same,
 * so that the result is, to the last bit; another version of Amiss, or of the engine below it, may round otherwise.
 */
export function verdict(lnP: number, stored: number, agrees: boolean): string {
  const text = `p = ${probabilityText(lnP)}`;
  if (agrees) return `${text}; stored: the same, to the last digit`;
  const off = Math.abs(Math.exp(lnP) / stored - 1);
  const digits = off > 0 ? Math.floor(-Math.log10(off)) : 15;
  return digits > 0
    ? `${text}; stored: the same in the first ${digits} digits`
    : `${text}; stored: ${numberText(stored)}, which is another`;
}

/** The detector's own ln p at either end of the event: a p of 0 is only known by it. */
function storedLnPs(reckoning: Reckoning | undefined, detector: string): readonly number[] {
  return Object.values(reckoning?.tests ?? {}).flatMap((tests) =>
    Object.entries(tests)
      .filter(([name]) => name === detector || name.startsWith(`${detector}/`))
      .map(([, lnP]) => lnP),
  );
}

async function lookUp(
  store: Store,
  space: string,
  { observed, from, to }: Omit<Evidence, 'working'>,
  counted: Counted | undefined,
): Promise<Pick<ExplainedEvidence, 'counted' | 'stored'>> {
  if (counted === undefined) return { counted: null, stored: [] };
  const windowMs = counted.is === undefined ? to - from : 0;
  const [again, before, first] = await Promise.all([
    countAgain(store, space, counted),
    historyBefore(store, space, { counted, windowMs }),
    firstStored(store, space, counted),
  ]);
  const stored = [countLine(counted, counted.is ?? observed, again)];
  if (before !== null) stored.push(historyLine(counted, before));
  if (first !== null) stored.push(firstLine(counted, first));
  return { counted: again, stored };
}

const namesOf: Readonly<Record<Counted['what'], string>> = {
  events: 'calls',
  peers: 'different peers',
  minutes: 'minutes with a call before',
  bytes_total: 'bytes in the stored calls',
  weeks: 'weeks before with a call in this hour',
  failures: 'failures',
  bytes_out: 'bytes out',
  bytes_in: 'bytes in',
  duration_ms: 'ms',
  unevenness: 'unevenness of the intervals between the stored calls',
  new_edges: 'connections whose first call is one of these',
};

// Adding up in another order costs the last digits of a double.
const rounding = 1e-9;

function countLine(counted: Counted, observed: number, again: number | null): string {
  if (again === null) return 'none of it is stored any more';
  const text = `${numberText(again)} ${namesOf[counted.what]}`;
  if (Math.abs(again - observed) <= rounding * Math.abs(observed)) return `${text}: as observed`;
  return `${text}, where ${numberText(observed)} was observed: ${differenceOf(counted, again > observed)}`;
}

function differenceOf({ what, action, resource }: Counted, isMore: boolean): string {
  const isFading = action !== undefined || resource !== undefined;
  if (what === 'weeks') return 'older weeks count for less';
  if (what === 'events' && isFading) return 'what is unusual taught little, and older ones count for less';
  if (!isMore) return 'some are no longer kept, not stored yet, or of a clock that ran ahead';
  return 'others of the same moment, or late ones, came after it was judged';
}

function historyLine({ what }: Counted, { count, median, highest }: StoredHistory): string {
  const of = what === 'events' || what === 'peers' ? 'windows like this one' : 'such calls';
  return (
    `the seven days before hold ${numberText(count)} ${of}: half of them up to ${numberText(median)}, ` +
    `the highest ${numberText(highest)} ${namesOf[what]}`
  );
}

function firstLine({ destination }: Counted, first: number): string {
  const when = `${new Date(first).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return destination === null
    ? `its first call that is known: ${when}`
    : `the first call between them that is known: ${when}`;
}
