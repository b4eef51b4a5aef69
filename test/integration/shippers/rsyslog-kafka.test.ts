import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isKafkaAvailable } from '../../support/kafka-broker.ts';
import { type KafkaShipperScene, startKafkaShipperScene } from '../../support/kafka-shipper-scene.ts';
import { requireRsyslog, rsyslogOver } from '../../support/rsyslog.ts';
import { distinctIds } from '../../support/shipper-scene.ts';

const topic = `rsyslog-${process.pid}`;
const count = 20;
const isOurs = process.env['KAFKA_BROKERS'] === undefined;

// As docs/shippers/rsyslog.md shows it: the applications log JSON of their own, the template makes native events.
const preamble = `module(load="omkafka")
module(load="mmjsonparse")
template(name="amiss_event" type="list" option.jsonf="on") {
  property(outname="id" name="uuid" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" date.inUTC="on" format="jsonf")
  property(outname="source" name="$!caller" format="jsonf" onEmpty="skip")
  property(outname="destination" name="$!callee" format="jsonf" onEmpty="skip")
  property(outname="action" name="$!verb" format="jsonf" onEmpty="skip")
  property(outname="status" name="$!code" format="jsonf" onEmpty="skip")
  property(outname="duration_ms" name="$!took" format="jsonf" datatype="number" onEmpty="skip")
  property(outname="observer" name="hostname" format="jsonf")
}`;

// Debian: rsyslog-kafka. The broker is the harness's own.
describe.runIf(await isKafkaAvailable())('rsyslog with omkafka', () => {
  let scene: KafkaShipperScene;

  beforeAll(async () => {
    requireRsyslog('omkafka', 'rsyslog-kafka');
    scene = await startKafkaShipperScene(topic);
  }, 120_000);
  afterAll(async () => {
    await scene?.stop();
  }, 60_000);

  test('each record of its template arrives once, as the event that was meant', async () => {
    await produced('omkafka', async () => {
      const events = await scene.arrived('omkafka', count);
      expect(events).toHaveLength(count);
      expect(distinctIds(events)).toBe(count);
      expect(new Set(events.map(({ source }) => source)).size).toBe(count);
      for (const event of events) {
        expect(event).toMatchObject({
          destination: 'orders',
          action: 'GET',
          status: '200',
          duration_ms: 12.5,
          observer: expect.any(String),
          shipper: `kafka:${topic}`,
        });
      }
    });
    expect(await scene.collector.rejects()).toEqual([]);
  });

  test('what it produces while our log is full arrives once it is not', async () => {
    scene.gate.shut('LOG_FULL');
    await produced('full', async () => {
      await expect.poll(() => scene.gate.refused(), { timeout: 30_000 }).toBeGreaterThan(0);
      scene.gate.open();
      expect(distinctIds(await scene.arrived('full', count))).toBe(count);
    });
  });

  // A broker that others lend is not ours to stop.
  test.runIf(isOurs)('what it logs while the broker is down arrives once it is up again', async () => {
    await scene.broker.stop();
    await produced('down', async () => {
      await scene.broker.start();
      const events = await scene.arrived('down', count);
      expect(distinctIds(events)).toBe(count);
      expect(new Set(events.map(({ source }) => source)).size).toBe(count);
    });
  });

  async function produced(prefix: string, work: () => Promise<void>): Promise<void> {
    const lines = Array.from({ length: count }, (_, i) =>
      JSON.stringify({ caller: `${prefix}-${i}`, callee: 'orders', verb: 'GET', code: 200, took: 12.5 }),
    );
    const action = `action(type="mmjsonparse" cookie="")
action(type="omkafka" broker=["${scene.broker.brokers.join('","')}"] topic="${topic}" template="amiss_event"
       partitions.auto="on" confParam=["enable.idempotence=true"] resubmitOnFailure="on"
       keepFailedMessages="on" failedMsgFile="omkafka-failed"
       queue.type="LinkedList" queue.filename="amiss" queue.saveOnShutdown="on"
       action.resumeRetryCount="-1" action.resumeInterval="1")`;
    await rsyslogOver({ lines, action, preamble }, work);
  }
});
