import { atMost, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import { attacksFound, recallOf } from './attacks-found.ts';
import {
  dayMs,
  hourMs,
  networkStart,
  type RecordedNetwork,
  recordNetwork,
  type Told,
  tellNetwork,
} from './network-run.ts';
import { announcementOf, rollout, rolloutLabel, untouched } from './rollout.ts';

const seeds = [701, 702];
const learnDays = 14;
const budget = 10;
const network = {
  agents: 100,
  days: 17,
  callsPerAgentDay: 60,
  attacks: ['credential-theft', 'lateral-movement', 'exfiltration-fast', 'beacon', 'scan'],
  times: 3,
  quietShare: learnDays / 17,
} as const;
const at = networkStart + learnDays * dayMs + 9 * hourMs; // a Monday morning
/** 30 % of the network's apps, of which there are some twenty. */
const released = new Set(Array.from({ length: 6 }, (_, i) => `app-${3 * i + 1}`));

/** A release on 30 % of a group, unannounced and announced: what it costs in alerts, and in attacks missed. */
export async function benchChanges(_data: string, scratch: Scratch) {
  const incidents = { without: 0, unannounced: 0, announced: 0 };
  const found = { without: 0, unannounced: 0, announced: 0 };
  for (const seed of seeds) {
    const options = { ...network, seed };
    const calm = await recordNetwork(scratch, `calm-${seed}`, options, untouched(released, at));
    const changed = await recordNetwork(scratch, `released-${seed}`, options, rollout(released, at));
    const tell = (recorded: RecordedNetwork) =>
      tellNetwork(scratch, recorded, { budget, learnUntil: networkStart + learnDays * dayMs });
    const decisions = [...(changed.decisions ?? []), ...announcementOf(released, at)];
    const [without, unannounced, announced] = [
      await tell(calm),
      await tell(changed),
      await tell({ ...changed, decisions }),
    ];
    found.without += recallOf(attacksFound(calm, without)) / seeds.length;
    found.unannounced += recallOf(attacksFound(changed, unannounced)) / seeds.length;
    found.announced += recallOf(attacksFound(changed, announced)) / seeds.length;
    incidents.without += incidentsOf(calm, without) / seeds.length;
    incidents.unannounced += incidentsOf(changed, unannounced) / seeds.length;
    incidents.announced += incidentsOf(changed, announced) / seeds.length;
  }
  const label = 'simulator release on 30 % of a group';
  const rows: BenchRow[] = [
    plain(`${label}: incidents of the same services without it`, incidents.without, 'each'),
    atMost(
      `${label}, unannounced: incidents beyond these`,
      incidents.unannounced - incidents.without,
      'each',
      1,
    ),
    atMost(`${label}, announced: incidents beyond these`, incidents.announced - incidents.without, 'each', 1),
    plain(`${label}: attacks found without it`, found.without, '%'),
    atMost(`${label}, unannounced: fewer attacks found`, found.without - found.unannounced, 'points', 5),
    atMost(`${label}, announced: fewer attacks found`, found.without - found.announced, 'points', 5),
  ];
  return { rows, curves: [] };
}

/** Alerts that show what the release touched, and nothing of an attack. */
function incidentsOf({ labels }: RecordedNetwork, told: readonly Told[]): number {
  return told.filter(({ revision, lines }) => {
    const shown = new Set(lines.map((line) => labels[line] ?? 0));
    return revision === 1 && shown.has(rolloutLabel) && ![...shown].some(isAttack);
  }).length;
}

const isAttack = (label: number) => label > 0 && label < rolloutLabel;
