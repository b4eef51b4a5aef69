import { expect, test } from 'vitest';
import { type DrillAttack, drillReport, drillText } from '../../../../services/drill/report.ts';
import { anAlert } from '../../../support/alert.ts';

const minute = 60_000;
const attack = (instance: number, from: number, agents: string[]): DrillAttack => ({
  instance,
  attack: `attack-${instance}`,
  from,
  to: from + 10 * minute,
  agents,
  techniques: [],
});
const drill = {
  space: 'drill',
  events: 1000,
  attacks: [attack(1, 100 * minute, ['thief', 'shop']), attack(2, 900 * minute, ['tools'])],
};
const at = (minutes: number, agent: string, peers: string[] = []) =>
  anAlert({
    id: `${agent}-${minutes}`,
    time: minutes * minute,
    updated_at: minutes * minute,
    agent,
    peers,
    detectors: ['token-shared'],
  });

test('an attack is detected by the first alert that names one of its agents in its time', () => {
  const report = drillReport(drill, [
    at(107, 'web', ['shop']),
    at(103, 'thief'),
    at(20, 'thief'),
    at(400, 'tools'),
  ]);
  expect(report.results.map(({ is_detected, delay_ms, alert }) => [is_detected, delay_ms, alert])).toEqual([
    [true, 3 * minute, 'thief-103'],
    [false, null, null],
  ]);
  expect(report).toMatchObject({ alerts: 4, others: 2 });
});

test('the text names what was missed, and sums up', () => {
  const text = drillText(drillReport(drill, [at(103, 'thief')]));
  expect(text).toMatch(/^attack-1 +detected +after 3 min +token-shared$/m);
  expect(text).toMatch(/^attack-2 +MISSED$/m);
  expect(text).toContain('1 of 2 attacks detected in 1,000 events; 1 alerts, 0 of them about something else');
});

test('what detected an attack is named by its strength, whatever came first', () => {
  const [evidence] = anAlert().evidence;
  if (evidence === undefined) throw new Error('an alert has evidence');
  const by = (minutes: number, detector: string, p: number) => ({
    ...at(minutes, 'thief'),
    detectors: [detector],
    evidence: [{ ...evidence, detector, p }],
  });
  const { results } = drillReport(drill, [by(101, 'latency', 1e-5), by(104, 'token-shared', 1e-9)]);
  expect(results[0]).toMatchObject({ alert: 'thief-101', detectors: ['token-shared', 'latency'] });
});
