import { systemClock } from '../../shared/clock.ts';
import { openKafkaLog } from '../../shared/log/kafka.ts';
import type { KafkaSettings } from '../../shared/log/kafka-client.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { type KafkaBroker, startKafkaBroker } from './kafka-broker.ts';
import { kafkaSettings } from './kafka-settings.ts';
import type { LogPlace } from './logs.ts';

/** A broker of its own for a log; segments are as small as Kafka allows, so that upkeep shows soon. */
export async function kafkaPlace(
  options: { logger?: Logger; settings?: Partial<KafkaSettings> } = {},
): Promise<LogPlace & { readonly broker: KafkaBroker }> {
  const broker = await startKafkaBroker();
  return {
    broker,
    open: () =>
      openKafkaLog({
        // Uncompressed, so that what a test writes is as large as it says.
        settings: { ...kafkaSettings(broker.brokers), compression: 'none', ...options.settings },
        clock: systemClock,
        logger: options.logger ?? silentLogger,
        segmentBytesMax: 2 ** 20,
      }),
    dispose: broker.dispose,
  };
}
