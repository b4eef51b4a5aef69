import type { TopicSpec } from './log.ts';

/**
 * The topics of Amiss. `events` is keyed by source agent, `arrivals` by destination agent with the same number of
 * partitions, so that partition p of both holds everything about the agents of p, from both ends of an edge.
 */
export const topicNames = [
  'events',
  'arrivals',
  'rejects',
  'sources',
  'signals',
  'alerts',
  'decisions',
  'deliveries',
  'snapshots',
] as const;
export type TopicName = (typeof topicNames)[number];

export interface TopicOptions {
  /** Partitions of `events` and `arrivals`; the others have one, or few. */
  readonly partitions: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
}

/** What each topic is created with. */
export function topicSpecs(options: TopicOptions): readonly TopicSpec[] {
  const kept = {
    retentionMs: options.retentionMs,
    retentionBytes: options.retentionBytes,
    isCompacted: false,
  };
  const compacted = { retentionMs: 0, retentionBytes: 0, isCompacted: true };
  const specs: Record<TopicName, Omit<TopicSpec, 'name'>> = {
    events: { partitions: options.partitions, ...kept },
    arrivals: { partitions: options.partitions, ...kept },
    rejects: { partitions: 1, ...kept },
    sources: { partitions: 1, ...kept },
    signals: { partitions: 1, ...kept },
    alerts: { partitions: 1, ...kept },
    decisions: { partitions: 1, ...compacted },
    deliveries: { partitions: 1, ...compacted },
    snapshots: { partitions: options.partitions, ...compacted },
  };
  return topicNames.map((name) => ({ name, ...specs[name] }));
}
