import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isKafkaAvailable } from '../../support/kafka-broker.ts';
import { type KafkaShipperScene, startKafkaShipperScene } from '../../support/kafka-shipper-scene.ts';
import { distinctIds, eventsOf } from '../../support/shipper-scene.ts';

const topic = `calls-${process.pid}`;
const count = 20;

// Debian: kcat. The broker is the harness's own.
describe.runIf(await isKafkaAvailable())('kcat', () => {
  let scene: KafkaShipperScene;

  beforeAll(async () => {
    scene = await startKafkaShipperScene(topic);
  }, 120_000);
  afterAll(async () => {
    await scene?.stop();
  }, 60_000);

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('produces lines packed with %s', async (codec) => {
    const prefix = `kcat-${codec}`;
    await produce(
      eventsOf(prefix, count).map((event) => JSON.stringify(event)),
      codec,
    );
    const events = await scene.arrived(prefix, count);
    expect(distinctIds(events)).toBe(count);
    expect(new Set(events.map(({ shipper }) => shipper))).toEqual(new Set([`kafka:${topic}`]));
  });

  test('what is produced while our log is full arrives once it is not', async () => {
    scene.gate.shut('LOG_FULL');
    await produce(
      eventsOf('kcat-waits', count).map((event) => JSON.stringify(event)),
      'none',
    );
    await expect.poll(() => scene.gate.refused(), { timeout: 30_000 }).toBeGreaterThan(0);
    scene.gate.open();
    expect(distinctIds(await scene.arrived('kcat-waits', count))).toBe(count);
  });

  async function produce(lines: readonly string[], codec: string): Promise<void> {
    const kcat = spawn('kcat', ['-P', '-b', scene.broker.brokers.join(), '-t', topic, '-z', codec]);
    kcat.stdin.end(`${lines.join('\n')}\n`);
    const [code] = await once(kcat, 'exit');
    expect(code).toBe(0);
  }
});
