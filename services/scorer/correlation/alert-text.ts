import type { Alert, Technique } from '#shared/alert.ts';
import type { Detector } from '../detectors/detector.ts';
import { momentText } from '../wording.ts';
import { adviceOf } from './advice.ts';
import type { Case, GroupShift } from './case.ts';
import { isProbing, probingHeadline } from './probing.ts';
import { severityOf } from './severity.ts';

// Peers named in the sentence; the alert itself lists more.
const peersNamed = 3;

/** What stands behind evidence: its headline and techniques are the alert's. */
export type Named = Pick<Detector, 'headline' | 'techniques'>;

/** The alert that a case is at this revision. */
export function alertOf(known: Case, detectorOf: ReadonlyMap<string, Named>): Alert {
  const { best } = known;
  const detectors = [...known.detectors].sort((a, b) => a[1] - b[1]).map(([name]) => name);
  const peers = [...known.peers].sort((a, b) => b[1] - a[1]).map(([peer]) => peer);
  const techniques = new Map<string, Technique>();
  for (const { detector } of best.evidence) {
    for (const technique of detectorOf.get(detector)?.techniques ?? [])
      techniques.set(technique.id, technique);
  }
  return {
    id: known.id,
    revision: known.revision,
    space: known.space,
    time: known.toldAt,
    updated_at: known.to,
    agent: known.agent,
    peers,
    cause: known.cause,
    title: titleOf(known, peers, detectorOf),
    sentence: sentenceOf(known, peers),
    severity: severityOf(best.score),
    score: best.score,
    p: best.p,
    detectors,
    evidence: best.evidence,
    first_seen: best.first_seen,
    ...(best.reckoning !== undefined && { reckoning: best.reckoning }),
    signals: known.signals,
    events: known.events,
    techniques: [...techniques.values()],
    status: known.mergedInto === null ? 'new' : 'archived',
  };
}

function titleOf(
  { best, shift }: Case,
  peers: readonly string[],
  detectorOf: ReadonlyMap<string, Named>,
): string {
  const headlineOf = (detector: string) =>
    detectorOf.get(detector)?.headline ?? detector.replaceAll(/[-_]/g, ' ');
  if (shift !== null) {
    const { group, members, of, detector, peer } = shift;
    return `${members} of ${of} in group ${group}: ${headlineOf(detector)}${peer === undefined ? '' : ` (with ${peer})`}`;
  }
  const act = isProbing(best) ? probingHeadline : headlineOf(best.evidence[0]?.detector ?? 'agent');
  const others = othersOf(best.agent, peers);
  const first = best.peer ?? others[0];
  const with_ = first === undefined ? '' : ` (with ${first}${others.length > 1 ? ' and others' : ''})`;
  return `${best.agent}: ${act}${with_}`;
}

const othersOf = (agent: string, peers: readonly string[]) => peers.filter((peer) => peer !== agent);

/** What was seen against what was expected, and what to look at first. */
function sentenceOf(known: Case, peers: readonly string[]): string {
  const { best, shift, mergedInto } = known;
  const seen = best.evidence.slice(0, 2).map(({ sentence }) => sentence);
  const since = `Since ${momentText(known.from)}.`;
  if (mergedInto !== null) return `${seen.join('; ')}. It is a part of alert ${mergedInto}. ${since}`;
  if (shift !== null) return `${shiftText(shift, seen, known.detectors.keys())} ${since}`;
  const others = othersOf(best.agent, peers);
  // Its signals name them, and not each call is a signal: there may be more.
  const spread =
    others.length > 1
      ? ` At least ${others.length} others are involved, first of all ${others.slice(0, peersNamed).join(', ')}.`
      : '';
  return `${seen.join('; ')}.${spread} ${adviceOf(best)} ${since}`;
}

/** What changed for how many, in which ways, and what they may have in common. */
function shiftText(shift: GroupShift, seen: readonly string[], detectors: Iterable<string>): string {
  const { group, members, of, peer } = shift;
  const act =
    peer === undefined
      ? 'became unusual in the same way within an hour'
      : `came to call ${peer}, which nobody had called before`;
  const first = `${members} of ${of} agents of group ${group} ${act}: ${seen.join('; ')}.`;
  const ways = `It shows in ${[...detectors].join(', ')}.`;
  const share =
    peer === undefined
      ? 'a release, a service that all of them call, a shipper'
      : `a release, or ${peer} itself`;
  return `${first} ${ways} Look for what they share: ${share}. If it was meant, announce it as a planned change of group ${group}, and it is learned as the new normal.`;
}
