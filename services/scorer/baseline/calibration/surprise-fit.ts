import { imaginedWindows } from '#shared/explain/past.ts';

/** The distribution of ordinary surprises: a body with a straight piece to each bin, and an exponential tail. */
interface Past {
  /** How many ordinary windows it is made of, those that the model imagines among them. */
  readonly windows: number;
  /** The bin in which the tail begins. */
  readonly tail: number;
  /** ln of the share of windows at or beyond the start of each bin up to the tail's. */
  readonly logShares: Float64Array;
  /** How fast ln of the share falls beyond the tail's start, for each nat. */
  readonly slope: number;
}

// The tail begins at the 98 % quantile (Siffer et al. 2017, KDD), at 32 windows at least.
const tailShare = 0.02;
const tailWindowsMin = 32;
// One ordinary window in a thousand lies beyond what is looked at: there begins what teaches less (`learning.ts`).
const beyondShare = 1e-3;
// Mostly two or three are enough; it need not be the very bin.
const stepsMax = 16;
const spreadMin = 0.2;
const spreadMax = 1000;
const halvings = 30; // of a ratio of 5000, down to a millionth

/**
 * Fits the past to a histogram of surprises. Which windows are ordinary follows from the fit itself: all up to the
 * surprise that one ordinary window in a thousand exceeds, if the tail goes on as it does before. So a flood that lies
 * apart is left out however often it is seen, and a tail that goes on beyond the model's is followed.
 *
 * @param masses of windows by bin
 * @param edges where the bins begin, in nats, and the last one's end
 * @source the maximum likelihood of a truncated exponential: Deemer & Votaw 1955, Annals of Mathematical Statistics 26(3)
 */
export function fitPast(masses: Float64Array, edges: Float64Array): Past {
  const reach = reachOf(masses, edges);
  let end = edges.findLastIndex((edge) => edge <= -Math.log(beyondShare));
  let tail = 0;
  let spread = 1;
  let windows = 0;
  let beyond = 0; // what is to be taken from `reach`: of what lies beyond the end, all but the share that is due
  for (let step = 0; step < stepsMax; step += 1) {
    const left = reach[end] ?? 0;
    windows = ((reach[0] ?? 0) - left) / (1 - beyondShare);
    beyond = left - beyondShare * windows;
    const need = Math.max(tailShare * windows, Math.min(tailWindowsMin, windows / 2));
    tail = end - 1;
    while (tail > 0 && (reach[tail] ?? 0) - beyond < need) tail -= 1;
    // Many windows may be exactly as surprising as each other: those in the tail's first bin say nothing of its spread.
    spread = truncatedSpread(reach, edges, { from: tail + 1, end });
    const share = ((reach[tail] ?? 0) - beyond) / windows;
    const reached = (edges[tail] ?? 0) + spread * Math.log(share / beyondShare);
    const next = Math.max(tail + 2, nearest(edges, reached));
    if (next === end) break;
    end = Math.min(next, masses.length - 1);
  }
  const logShares = reach.slice(0, tail + 1).map((mass) => Math.log((mass - beyond) / windows));
  return { windows, tail, logShares, slope: 1 / spread };
}

/** Windows at or beyond the start of each bin, with those that the model imagines. */
function reachOf(masses: Float64Array, edges: Float64Array): Float64Array {
  const reach = new Float64Array(masses.length + 1);
  for (let i = masses.length - 1; i >= 0; i -= 1) reach[i] = (reach[i + 1] ?? 0) + (masses[i] ?? 0);
  for (let i = 0; i < masses.length; i += 1)
    reach[i] = (reach[i] ?? 0) + imaginedWindows * Math.exp(-(edges[i] ?? 0));
  return reach;
}

/** The edge that is nearest to a surprise. */
function nearest(edges: Float64Array, surprise: number): number {
  const after = edges.findIndex((edge) => edge >= surprise);
  if (after < 0) return edges.length - 1;
  return surprise - (edges[after - 1] ?? 0) < (edges[after] ?? 0) - surprise ? after - 1 : after;
}

/** Mean of the exponential distribution that what lies between two bins is a piece of, in nats. */
function truncatedSpread(
  reach: Float64Array,
  edges: Float64Array,
  { from, end }: { readonly from: number; readonly end: number },
): number {
  const start = edges[from] ?? 0;
  const length = (edges[end] ?? 0) - start;
  let mass = 0;
  let sum = 0;
  for (let i = from; i < end; i += 1) {
    const here = (reach[i] ?? 0) - (reach[i + 1] ?? 0);
    mass += here;
    sum += here * (((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2 - start);
  }
  if (mass === 0) return 1;
  const meanOf = (spread: number) => spread - length / Math.expm1(length / spread);
  let [low, high] = [spreadMin, spreadMax];
  for (let i = 0; i < halvings; i += 1) {
    const middle = Math.sqrt(low * high);
    if (meanOf(middle) < sum / mass) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}
