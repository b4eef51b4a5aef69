import { systemClock } from '#shared/clock.ts';
import { openKafkaLog } from '#shared/log/kafka.ts';
import { silentLogger } from '#shared/logger.ts';
import { type KafkaBroker, startKafkaBroker } from './kafka-broker.ts';
import { kafkaSettings } from './kafka-settings.ts';
import { type ShipperScene, startShipperScene } from './shipper-scene.ts';

/** A broker with a topic that shippers produce to, and a collector that reads it. */
export interface KafkaShipperScene extends ShipperScene {
  readonly broker: KafkaBroker;
}

/** Ask `isKafkaAvailable` before. What it started before it failed is stopped. */
export async function startKafkaShipperScene(topic: string): Promise<KafkaShipperScene> {
  const broker = await startKafkaBroker();
  try {
    await createTopic(broker, topic);
    const scene = await startShipperScene({
      kafka_brokers: broker.brokers,
      kafka_topics: [{ topic, kind: 'json', schema: '' }],
    });
    const stop = async () => {
      await scene.stop();
      await broker.dispose();
    };
    return { ...scene, broker, stop };
  } catch (error) {
    await broker.dispose();
    throw error;
  }
}

async function createTopic({ brokers }: KafkaBroker, name: string): Promise<void> {
  const log = await openKafkaLog({
    settings: kafkaSettings(brokers),
    clock: systemClock,
    logger: silentLogger,
  });
  const spec = { name, partitions: 2, retentionMs: 0, retentionBytes: 0, isCompacted: false };
  await log.ensureTopics([spec]);
  await log.close();
}
