import { atLeast, atMost, type BenchRow, plain } from '../../report.ts';
import type { Scratch } from '../backtest.ts';
import type { Curve } from '../picture.ts';
import { attacksFound, recallOf } from './attacks-found.ts';
import { dayMs, networkStart, recordNetwork, tellNetwork } from './network-run.ts';

const seed = 601;
const learnDays = 14;
const budget = 10;
const renewed = [0, 0.05, 0.1, 0.2];
const asked = 0.2; // the bar's share of new agents a day
/** Attacks by agents of the network that events show: who hides, or comes from outside, is no newcomer. */
const attacks = [
  'credential-theft',
  'lateral-movement',
  'exfiltration-fast',
  'exfiltration-slow',
  'beacon',
  'scan',
  'rogue-agent',
  'prompt-injection',
];
const network = { agents: 100, days: 24, callsPerAgentDay: 60, seed, attacks, times: 4 } as const;

/** A network whose agents are replaced day by day: what newcomers cost in alerts and in attacks missed. */
export async function benchNewcomers(_data: string, scratch: Scratch) {
  const learnUntil = networkStart + learnDays * dayMs;
  const measured: { readonly share: number; readonly alerts: number; readonly recall: number }[] = [];
  for (const share of renewed) {
    const name = `renewed-${100 * share}`;
    const quietShare = learnDays / network.days;
    const options = { ...network, renewedADay: share, quietShare };
    const recorded = await recordNetwork(scratch, name, options);
    const told = await tellNetwork(scratch, recorded, { budget, learnUntil });
    const quiet = told.filter(
      ({ revision, lines }) => revision === 1 && lines.every((line) => recorded.labels[line] === 0),
    );
    const days = network.days - learnDays;
    const alerts = quiet.length / days / budget;
    measured.push({ share, alerts, recall: recallOf(attacksFound(recorded, told)) });
  }
  const steady = measured[0];
  const cold = measured.find(({ share }) => share === asked);
  if (steady === undefined || cold === undefined)
    throw new Error('the shares hold neither 0 nor the asked one');
  const rows: BenchRow[] = [
    atMost('simulator 20 % new agents a day: false alerts', cold.alerts, 'of budget', 2),
    atLeast(
      'simulator 20 % new agents a day: recall',
      (100 * cold.recall) / steady.recall,
      '% of steady recall',
      70,
      'OpenSearch needs 32 points',
    ),
    ...measured.map(({ share, recall }) =>
      plain(`simulator ${100 * share} % new agents a day: attacks found`, recall, '%'),
    ),
  ];
  return { rows, curves: [coldStartCurve(measured)] };
}

function coldStartCurve(
  measured: readonly { readonly share: number; readonly alerts: number; readonly recall: number }[],
): Curve {
  return {
    title: 'simulator: cold start',
    x: { label: 'new agents a day, per cent of all', ticks: renewed.map((share) => 100 * share) },
    y: { label: 'share', ticks: [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] },
    lines: [
      { name: 'attacks found', points: measured.map(({ share, recall }) => [100 * share, recall / 100]) },
      {
        name: 'false alerts of budget',
        points: measured.map(({ share, alerts }) => [100 * share, alerts]),
      },
    ],
  };
}
