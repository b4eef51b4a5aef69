import type { Alert, Technique } from '#shared/alert.ts';
import { momentText } from './baseline/wording.ts';
import type { Case } from './cases.ts';
import type { Detector } from './detectors/detector.ts';
import { severityOf } from './severity.ts';

// Peers named in the sentence; the alert itself lists more.
const peersNamed = 3;

/** The alert that a case is at this revision. */
export function alertOf(known: Case, detectorOf: ReadonlyMap<string, Detector>): Alert {
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
    signals: known.signals,
    events: known.events,
    techniques: [...techniques.values()],
    status: 'new',
  };
}

function titleOf(known: Case, peers: readonly string[], detectorOf: ReadonlyMap<string, Detector>): string {
  const strongest = known.best.evidence[0]?.detector ?? 'agent';
  const act = detectorOf.get(strongest)?.headline ?? strongest.replaceAll(/[-_]/g, ' ');
  const with_ = peers[0] === undefined ? '' : ` (with ${peers[0]}${peers.length > 1 ? ' and others' : ''})`;
  return `${known.agent}: ${act}${with_}`;
}

/** What was seen against what was expected, and what to look at first. */
function sentenceOf(known: Case, peers: readonly string[]): string {
  const seen = known.best.evidence.slice(0, 2).map(({ sentence }) => sentence);
  const others = peers.slice(0, peersNamed).join(', ');
  const spread = peers.length > 1 ? ` ${peers.length} agents are involved, first of all ${others}.` : '';
  return `${seen.join('; ')}.${spread} ${adviceOf(known)} Since ${momentText(known.from)}.`;
}

function adviceOf(known: Case): string {
  const strongest = known.best.evidence[0]?.detector;
  const peer = known.best.peer ?? 'its peers';
  switch (strongest) {
    case 'volume':
      return `Check whether ${known.agent} is under load that somebody planned; if not, rate-limit ${peer}.`;
    case 'edge-burst':
      return `Check what ${known.agent} asks of ${peer}, and whether it is refused: repeated tries look like this.`;
    case 'new-edge':
      return `Check whether a release or a person explains that ${known.agent} and ${peer} speak; if not, close the path.`;
    case 'rare-caller':
      return `Check who owns ${known.best.agent} and what it did at ${peer}.`;
    default:
      return `Check ${known.agent} and what it did with ${peer} in these minutes.`;
  }
}
