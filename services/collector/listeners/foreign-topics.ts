import type { Lifecycle } from '#shared/lifecycle.ts';
import type { LogSettings } from '#shared/log/settings.ts';
import type { Sender } from '../sender.ts';
import { startKafkaSource } from './kafka-source.ts';
import type { ListenerParts } from './listeners.ts';

/**
 * Starts to read the topics of `collector.kafka_topics`. They speak for every agent, since the operator chose them;
 * an entry of `collector.shippers` named `kafka:TOPIC` narrows that.
 */
export async function startForeignTopics(
  { context, settings, ingest, shippers }: ListenerParts,
  config: { readonly log: LogSettings },
  lifecycle: Lifecycle,
): Promise<void> {
  if (settings.kafka_topics.length === 0) return;
  const { openKafkaLog } = await import('#shared/log/kafka.ts'); // loaded where it is needed alone
  const { clock, logger } = context;
  const brokers = settings.kafka_brokers.length > 0 ? settings.kafka_brokers : config.log.brokers;
  const log = await openKafkaLog({ settings: { ...config.log, brokers }, clock, logger });
  lifecycle.defer(() => log.close());
  const senderOf = (topic: string): Sender =>
    shippers.ofName(`kafka:${topic}`) ?? {
      name: `kafka:${topic}`,
      shipper: `kafka:${topic}`,
      space: null,
      maySpeakFor: () => true,
    };
  const source = await startKafkaSource({
    log,
    topics: settings.kafka_topics,
    group: settings.kafka_group,
    ingest,
    clock,
    senderOf,
    onError: context.fail,
  });
  lifecycle.defer(source);
}
