import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { loadConfig } from '#shared/config.ts';
import { readAll } from '#shared/log/follow.ts';
import type { EventLog } from '#shared/log/log.ts';
import { openLog } from '#shared/log/open.ts';
import { silentLogger } from '#shared/logger.ts';
import { seededRandom } from '#shared/random.ts';
import type { Signal } from '#shared/signal.ts';
import { createSnapshotKeeper } from '../../services/scorer/live/snapshots.ts';
import { settingsSchema } from '../../services/settings.ts';
import { startAcknowledgedLoad } from '../support/acknowledged-load.ts';
import { type ClusterService, type Member, startMember } from '../support/cluster.ts';
import { isKafkaAvailable, type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts';
import { signalEvery, type Tally, tallyOf } from '../support/tallying-scorer.ts';
import { waitUntil } from '../support/wait-until.ts';

// Two scorers in one group: which of them has a partition must not be seen in what is known of its agents.

const partitions = 4;
const allPartitions = [0, 1, 2, 3];
const seed = 20_261_125;
const start = Date.parse('2026-11-20T00:00:00Z');
const hourMs = 3_600_000;
const waitMsMax = 90_000;
const childStartMsMax = 60_000;
const tallyingScorer = new URL('../support/tallying-scorer.ts', import.meta.url).pathname;

describe.runIf(await isKafkaAvailable())('two scorers in one group', () => {
  let broker: KafkaBroker;
  let log: EventLog;
  let environment: Record<string, string>;
  const members: Member[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    broker = await startKafkaBroker();
  }, 120_000);
  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.process().end('SIGKILL')));
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await log?.close();
  });
  afterAll(() => broker?.dispose());

  /** Topics of the test's own, and a view of them. */
  const begin = async (prefix: string) => {
    environment = {
      AMISS_LOG_KIND: 'kafka',
      AMISS_LOG_BROKERS: broker.brokers.join(),
      AMISS_LOG_PREFIX: prefix,
      AMISS_LOG_PARTITIONS: String(partitions),
      AMISS_SCORER_SNAPSHOT_EVERY_MS: '500',
      AMISS_SCORER_ALERTS_PER_DAY: '1000',
    };
    const settings = loadConfig(settingsSchema, { file: undefined, environment });
    log = await openLog(settings.log, '', systemClock, silentLogger);
  };
  const startService = async (service: ClusterService) => {
    const member = await startMember(service, environment);
    members.push(member);
    return member;
  };
  const startTallying = async () => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    const child = spawn(process.execPath, [tallyingScorer], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(childStartMsMax) });
    return child;
  };
  const isScored = async () => {
    const lags = await Promise.all(['events', 'arrivals'].map((topic) => log.lag('scorer', topic)));
    return lags.every((lag) => lag === 0);
  };
  const signals = async () => {
    const found = new Map<string, Signal>();
    await readAll(log, { topic: 'signals', partition: 0 }, (record) => {
      const signal = JSON.parse(record.value.toString('utf8')) as Signal;
      found.set(signal.id, signal);
    });
    return [...found.values()];
  };

  test('a scorer that is killed hands its baselines on: what was known is known, what is new is new', async () => {
    await begin('handover.');
    const collector = await startService('collector');
    const [killed, survivor] = await Promise.all([startService('scorer'), startService('scorer')]);
    const send = async (events: readonly object[]) => {
      const body = events.map((event) => JSON.stringify(event)).join('\n');
      const answer = await fetch(`${collector.url}/v1/ingest`, { method: 'POST', body });
      expect(answer.status, await answer.text()).toBe(200);
    };
    const usual = (hour: number) =>
      agents.map((agent, i) => ({
        time: start + hour * hourMs + i * 1_000,
        source: agent,
        destination: serviceOf(i),
        action: 'GET /',
      }));
    const hours = Array.from({ length: hoursKnown }, (_, hour) => hour);
    for (const hour of hours) await send(usual(hour));
    await waitUntil('the known to be scored', isScored, waitMsMax);
    // Two each, whichever topic they were seen in: nobody has the events of one partition and the arrivals of another.
    const shares = await Promise.all([partitionsOf(killed), partitionsOf(survivor)]);
    expect(shares.map((share) => share.length)).toEqual([partitions / 2, partitions / 2]);
    expect(shares.flat().sort()).toEqual(allPartitions);

    await killed.process().end('SIGKILL');
    await send(usual(hoursKnown));
    const vault = (agent: string) => `vault-of-${agent}`;
    await send(
      agents.map((agent, i) => ({
        time: start + (hoursKnown + 1) * hourMs + i * 1_000,
        source: agent,
        destination: vault(agent),
        action: 'GET /',
      })),
    );
    await waitUntil('the survivor to score everything', isScored, waitMsMax);
    expect(await partitionsOf(survivor)).toEqual(allPartitions);

    const late = (await signals()).filter(({ time }) => time >= start + hoursKnown * hourMs);
    for (const [i, agent] of agents.entries()) {
      expect(late.filter((signal) => isAbout(signal, agent, serviceOf(i)))).toEqual([]);
      const [signal] = late.filter((each) => isAbout(each, agent, vault(agent)));
      const evidence = signal?.evidence.find(({ detector }) => detector === 'new-edge');
      expect(evidence, `${agent} and its vault`).toMatchObject({ observed: 0 });
    }
  }, 240_000);

  test('whoever is killed under load, each end of each event is counted once, and no signal is lost', async () => {
    await begin('tally.');
    const random = seededRandom(seed);
    const collector = await startService('collector');
    const [first, second] = await Promise.all([startTallying(), startTallying()]);
    const load = startAcknowledgedLoad({
      start,
      perBatch: 50,
      post: async (body) => {
        await pause(25);
        return fetch(`${collector.url}/v1/ingest`, { method: 'POST', body });
      },
    });
    await waitUntil('the scorers to be at work', () => log.lag('scorer', 'events').then((lag) => lag >= 0));
    await pause(1_000 + random.next() * 1_000);
    first.kill('SIGKILL');
    await startTallying();
    await pause(random.next() * 2_000);
    await collector.process().end('SIGKILL');
    await collector.restart();
    second.kill('SIGKILL');
    await startTallying();
    await pause(random.next() * 2_000);
    const acknowledged = await load.finish();
    await waitUntil('everything to be counted', isScored, waitMsMax);
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    expect(running).toHaveLength(2);
    const exits = running.map((child) => once(child, 'exit'));
    for (const child of running) child.kill('SIGTERM');
    expect((await Promise.all(exits)).map(([code]) => code)).toEqual([0, 0]);

    const tally = await wholeTally(log);
    expect(
      [...tally].filter(([, times]) => times !== 1),
      `seed=${seed}`,
    ).toEqual([]);
    expect(tally.size, `seed=${seed}`).toBe(2 * acknowledged);
    expect((await signals()).length).toBeGreaterThanOrEqual(acknowledged / signalEvery - partitions);
  }, 240_000);
});

const hoursKnown = 72;
const agents = Array.from({ length: 12 }, (_, i) => `agent-${i}`);
const serviceOf = (i: number) => `service-${i % 3}`;

function isAbout({ agent, peer }: Signal, ...ends: readonly [string, string]): boolean {
  return peer !== null && ends.includes(agent) && ends.includes(peer);
}

/** The partitions that a scorer reads, by its own figures. */
async function partitionsOf(scorer: Member): Promise<readonly number[]> {
  const text = await fetch(`${scorer.url}/metrics`).then((response) => response.text());
  const read = [...text.matchAll(/^amiss_lag_records\{(.*)\} /gm)]
    .map(([, labels = '']) => labels)
    .filter((labels) => labels.includes('service="scorer"'))
    .map((labels) => Number(/partition="(\d+)"/.exec(labels)?.[1]));
  return [...new Set(read)].sort();
}

async function wholeTally(log: EventLog): Promise<Tally> {
  const whole: Tally = new Map();
  for (let partition = 0; partition < partitions; partition += 1) {
    const snapshot = await createSnapshotKeeper(log, { topic: 'snapshots', partition }, 'scorer').load();
    for (const [key, times] of tallyOf(snapshot?.state ?? Buffer.from('[]')))
      whole.set(key, (whole.get(key) ?? 0) + times);
  }
  return whole;
}
