import type { Consumer, EventLog, TopicPartition } from './log.ts';

/**
 * The same log with a prefix before every topic, so that deployments can share a broker: services say `events`, the
 * broker sees `amiss.events`. Groups get the prefix too.
 */
export function prefixedLog(log: EventLog, prefix: string): EventLog {
  const outer = (part: TopicPartition) => ({ ...part, topic: prefix + part.topic });
  const inner = <T extends TopicPartition>(part: T): T => ({
    ...part,
    topic: part.topic.slice(prefix.length),
  });
  const prefixedConsumer = (consumer: Consumer): Consumer => {
    const { onAssigned, onRevoked, onUnreadable } = consumer;
    return {
      ...consumer,
      group: prefix + consumer.group,
      topics: consumer.topics.map((topic) => prefix + topic),
      onBatch: (batch) => consumer.onBatch(inner(batch)),
      ...(onAssigned && { onAssigned: (part, committed) => onAssigned(inner(part), committed) }),
      ...(onRevoked && { onRevoked: (part) => onRevoked(inner(part)) }),
      ...(onUnreadable && { onUnreadable: (range) => onUnreadable(inner(range)) }),
    };
  };
  return {
    ensureTopics: (topics) =>
      log.ensureTopics(topics.map((topic) => ({ ...topic, name: prefix + topic.name }))),
    append: (topic, records) => log.append(prefix + topic, records),
    async subscribe(consumer) {
      const subscription = await log.subscribe(prefixedConsumer(consumer));
      return {
        commit: (part, committed) => subscription.commit(outer(part), committed),
        assigned: () => subscription.assigned().map(inner),
        pause: (part) => subscription.pause(outer(part)),
        resume: (part) => subscription.resume(outer(part)),
        stop: () => subscription.stop(),
      };
    },
    read: (part, offset, limit) => log.read(outer(part), offset, limit),
    offsets: (topic) => log.offsets(prefix + topic),
    lag: (group, topic) => log.lag(prefix + group, prefix + topic),
    ping: () => log.ping(),
    close: () => log.close(),
  };
}
