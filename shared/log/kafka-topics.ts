import kafkajs, { type Admin, type IResourceConfigEntry } from 'kafkajs';
import { recordBytesMax } from './limits.ts';
import type { TopicSpec } from './log.ts';

export interface TopicSettings {
  readonly replication: number;
  /** Bytes of a log segment, at the most: retention and compaction work by whole segments. */
  readonly segmentBytesMax: number;
}

/** Room for a record of the largest size and the batch around it. */
const messageBytesMax = recordBytesMax + 64 * 2 ** 10;

/** Creates missing topics, adds missing partitions, and sets retention and compaction of all. */
export async function ensureKafkaTopics(
  admin: Admin,
  specs: readonly TopicSpec[],
  settings: TopicSettings,
): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = specs.filter(({ name }) => !existing.has(name));
  if (missing.length > 0)
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((spec) => ({
        topic: spec.name,
        numPartitions: spec.partitions,
        replicationFactor: settings.replication,
        configEntries: configOf(spec, settings),
      })),
    });
  const present = specs.filter(({ name }) => existing.has(name));
  if (present.length === 0) return;
  await admin.alterConfigs({
    validateOnly: false,
    resources: present.map((spec) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name: spec.name,
      configEntries: configOf(spec, settings),
    })),
  });
  await addPartitions(admin, present);
}

async function addPartitions(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: specs.map(({ name }) => name) });
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
  const topicPartitions = specs
    .filter(({ name, partitions }) => partitions > (counts.get(name) ?? partitions))
    .map(({ name, partitions }) => ({ topic: name, count: partitions }));
  if (topicPartitions.length > 0) await admin.createPartitions({ topicPartitions });
}

const segmentsKept = 8; // retention is exact to an eighth
const segmentMsMax = 24 * 60 * 60 * 1000;
const compactedSegmentMs = 10 * 60 * 1000; // what is newer is not compacted

function configOf(spec: TopicSpec, { replication, segmentBytesMax }: TopicSettings): IResourceConfigEntry[] {
  const { retentionMs, retentionBytes, isCompacted } = spec;
  const segmentBytes =
    retentionBytes === 0 ? segmentBytesMax : Math.min(segmentBytesMax, retentionBytes / segmentsKept);
  const segmentMs = retentionMs === 0 ? segmentMsMax : Math.min(segmentMsMax, retentionMs / segmentsKept);
  const entries: Record<string, string | number> = {
    'cleanup.policy': isCompacted ? 'compact' : 'delete',
    'retention.ms': retentionMs === 0 ? -1 : retentionMs,
    'retention.bytes': retentionBytes === 0 ? -1 : retentionBytes,
    'segment.bytes': Math.max(messageBytesMax, Math.floor(segmentBytes)), // a batch must fit,
    'segment.ms': Math.max(1, Math.floor(isCompacted ? compactedSegmentMs : segmentMs)),
    'max.message.bytes': messageBytesMax,
    'min.insync.replicas': Math.max(1, replication - 1),
    'min.cleanable.dirty.ratio': 0.2,
  };
  return Object.entries(entries).map(([name, value]) => ({ name, value: String(value) }));
}
