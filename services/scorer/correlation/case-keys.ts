import type { Evidence, Signal } from '#shared/signal.ts';
import { hopsOf } from '../baseline/sequences/walk.ts';
import { weakEvidence } from '../engine/weak-evidence.ts';

/** Who of a signal called whom. */
export function endsOf(signal: Signal): { readonly caller: string | null; readonly called: string | null } {
  return sideOf(signal) === 'destination'
    ? { caller: signal.peer, called: signal.agent }
    : { caller: signal.agent, called: signal.peer };
}

/** The strongest evidence of what there is to see: that it lasts is no more than how long. */
export const seenBy = ({ evidence }: Signal): Evidence | undefined =>
  evidence.find(({ detector }) => detector !== weakEvidence.name) ?? evidence[0];

const ramp = 'slow-ramp';
/** What sums up over windows or days grows as long as something lasts: it says how long, not how much. */
const sums: ReadonlySet<string> = new Set([weakEvidence.name, ramp]);
export const isSum = ({ evidence }: Signal): boolean => sums.has(evidence[0]?.detector ?? '');

export const sideOf = ({ cause, agent }: Signal): 'source' | 'destination' =>
  cause.endsWith(`/destination/${agent}`) ? 'destination' : 'source';

// What the called agent itself is, whoever asks.
const ofCalled = new Set([
  'tool-change',
  'card-change',
  'certificate-change',
  'certificate-expiry',
  'slow-agent',
]);

/** Is the signal about what the called agent itself is, and not about what its caller does? */
export const isOfCalled = (signal: Signal): boolean => ofCalled.has(seenBy(signal)?.detector ?? '');

/** Whose evidence names the agent whose token another one used as its subject. */
const detectorOfTheft = 'token-shared';

/**
 * What makes two signals within half an hour one case: the same edge, in either direction, or one of the same walk
 * over edges; the same caller, or whose token it used, whatever they do; or the same called agent, where it is about
 * what that one is: two slow agents of one caller are two cases.
 */
export function keysOf(signal: Signal): readonly string[] {
  const { space, agent, peer, evidence } = signal;
  const { caller, called } = endsOf(signal);
  const keys: string[] = [];
  const edge = (one: string, other: string) =>
    keys.push(`${space}\nedge\n${one < other ? `${one}\n${other}` : `${other}\n${one}`}`);
  // The earliest hop first: a longer walk belongs to the case that its beginning opened.
  for (const [from, to] of hopsOf(signal)) edge(from, to);
  if (peer !== null) edge(agent, peer);
  const robbed = evidence.find(({ detector }) => detector === detectorOfTheft)?.subject ?? null;
  const isItself = isOfCalled(signal);
  if (isItself && called !== null) keys.push(`${space}\nat\n${called}`);
  for (const one of new Set([isItself ? null : caller, robbed]))
    if (one !== null) keys.push(`${space}\nfrom\n${one}`);
  return keys;
}

/**
 * What makes a signal a recurrence of what was told within the last day: a detector that it names saw something on the
 * same edge; or it is a fact about one agent, which is the same whoever is at the other end.
 *
 * @param isFact is the detector a rule?
 */
export function recurrenceKeysOf(signal: Signal, isFact: (detector: string) => boolean): readonly string[] {
  const { space, agent, peer, evidence } = signal;
  const { caller, called } = endsOf(signal);
  const side = sideOf(signal);
  const lasting = isOfCalled(signal) ? evidence.filter(({ detector }) => ofCalled.has(detector)) : evidence;
  return lasting.flatMap(({ detector }) => {
    const again = `${space}\nagain\n${detector}`;
    return [
      ...(caller !== null && called !== null ? [`${again}\nedge\n${caller}\n${called}`] : []),
      ...(peer === null || isFact(detector) ? [`${again}\n${side}\n${agent}`] : []),
    ];
  });
}

// What a ramp is a ramp of.
const growing = new Set(['volume', 'edge-burst', 'bytes-total']);

/**
 * A caller that does more from day to day has busy hours, too, and is told of once: under which key a signal of either
 * is known, and under which the other is.
 */
export function growthKeysOf(signal: Signal): { readonly own: string; readonly other: string } | undefined {
  const { space, agent } = signal;
  const detector = seenBy(signal)?.detector ?? '';
  if (endsOf(signal).caller !== agent || !(detector === ramp || growing.has(detector))) return undefined;
  const [days, hours] = [`${space}\nramp\n${agent}`, `${space}\nbusy\n${agent}`];
  return detector === ramp ? { own: days, other: hours } : { own: hours, other: days };
}

// A step of a walk: somebody calls whom they hardly ever call, or does there what they never do.
const stepDetectors = new Set(['new-edge', 'rare-caller', 'rare-action', 'lateral-chain', 'first-crossing']);

/** The agents between which a signal is a step, if it is one: whoever was reached may go on from there. */
export function stepOf(signal: Signal): { readonly from: string; readonly to: string } | undefined {
  const { caller, called } = endsOf(signal);
  if (caller === null || called === null) return undefined;
  const strongest = signal.evidence[0]?.detector ?? '';
  return stepDetectors.has(strongest) ? { from: caller, to: called } : undefined;
}

/** Under which a told case is found by the step that follows its own. */
export const reachedKey = (space: string, agent: string) => `${space}\nreached\n${agent}`;

// How much, how many, how slow, how often in vain: what is turned up for all at once when something that they share changes.
const measures = new Set([
  'latency',
  'bytes-out',
  'bytes-in',
  'bytes-total',
  'volume',
  'edge-burst',
  'fan-out',
  'failures',
]);

/** Is what the signal shows a matter of more or less? */
export const isOfMeasure = (signal: Signal): boolean => measures.has(seenBy(signal)?.detector ?? '');
