/** One record of a topic's partition, as it was appended. */
export interface LogRecord {
  /** Position in the partition, 0-based, rising; not always by one (compaction leaves holes). */
  readonly offset: number;
  readonly key: string | null;
  /**
   * UTF-8 JSON in every topic of Amiss; bytes here, so that what is only passed on is not parsed. Empty where the
   * record deletes its key.
   */
  readonly value: Buffer;
  /** When it was appended, UTC milliseconds. */
  readonly timestamp: number;
}

export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** In offset order, at least one. */
  readonly records: readonly LogRecord[];
  /** The partition's next offset to be written, as far as this consumer knows: lag = end − last − 1. */
  readonly endOffset: number;
}

export interface AppendRecord {
  /** Decides the partition, and which record compaction keeps. */
  readonly key: string | null;
  /** `null` deletes the key in a compacted topic. */
  readonly value: Buffer | string | null;
  /** Overrides what the key decides; `partitionOf(key, partitions)` otherwise. */
  readonly partition?: number;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Records older than this may go; 0 keeps them for ever. */
  readonly retentionMs: number;
  /** Bytes of one partition above which its oldest records may go; 0 means no limit. */
  readonly retentionBytes: number;
  /** Keep the newest record of each key instead of the newest records. */
  readonly isCompacted: boolean;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a consumer group remembers of a partition. */
export interface Committed {
  /** The next offset to read. */
  readonly offset: number;
  /** Whatever the consumer stored with it, e.g. the batch that it was about to write. At most 4096 characters. */
  readonly metadata: string;
}

/** Records that are there and cannot be read: their compression is unknown, or their bytes are damaged. */
export interface UnreadableRange extends TopicPartition {
  /** First and last offset. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Reads topics as a member of a group. All three calls of one partition are made one after another. */
export interface Consumer {
  readonly group: string;
  readonly topics: readonly string[];
  /** Where to start a partition of which the group remembers nothing. */
  readonly from: 'earliest' | 'latest';
  /**
   * Awaited before the first batch of a partition that has just become ours. What it returns is the offset to
   * start at; `undefined` means where the group left off (or `from`). Called again when it rejects with
   * LOG_UNAVAILABLE and brokers may come back.
   */
  readonly onAssigned?: (
    part: TopicPartition,
    committed: Committed | undefined,
  ) => Promise<number | undefined>;
  /** Awaited before a partition is handed to another member: the last chance to commit and to store state. */
  readonly onRevoked?: (part: TopicPartition) => Promise<void>;
  /**
   * Handles a batch. While it runs, nothing more of this partition is fetched: slow handling is back-pressure.
   * Nothing is committed unless the consumer calls `commit`. A rejection is a bug: it stops the consumer and
   * reaches `onError`.
   */
  readonly onBatch: (batch: LogBatch) => Promise<void>;
  /** Told of records that are passed over because they cannot be read; they are logged with LOG_CODEC_UNKNOWN too. */
  readonly onUnreadable?: (range: UnreadableRange) => void;
  /** The consumer has stopped by itself and will not read on. Interruptions that heal are not told. */
  readonly onError: (error: unknown) => void;
  /** Records in one batch, at the most. */
  readonly batchRecordsMax?: number;
}

export interface Subscription {
  /** Remembers the next offset to read (and a note) for the group. Rejects if the partition is no longer ours. */
  commit(part: TopicPartition, committed: Committed): Promise<void>;
  /** What is ours now. */
  assigned(): readonly TopicPartition[];
  /** Stops fetching a partition until `resume`; the batch under way is still handed over. */
  pause(part: TopicPartition): void;
  resume(part: TopicPartition): void;
  /** Lets the batches under way end, calls `onRevoked` for each partition, and leaves the group. */
  stop(): Promise<void>;
}

/**
 * The event log: topics of partitions of records in order, appended durably, read by groups that remember
 * where they are. Implemented by `embedded.ts` (LMDB) and `kafka.ts`; `test/contract/log.test.ts` runs over both.
 */
export interface EventLog {
  /** Creates what is missing and applies retention and compaction to what exists. Never lowers partitions. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Appends in the given order (order holds within a partition) and resolves when every record is durable: synced
   * to disk, or on all in-sync replicas. Rejects with LOG_FULL or LOG_UNAVAILABLE, in which case some records may
   * have been appended and the caller repeats all of them: ids make the repeat harmless.
   */
  append(topic: string, records: readonly AppendRecord[]): Promise<void>;
  /** Joins a group and starts to read. */
  subscribe(consumer: Consumer): Promise<Subscription>;
  /**
   * Reads a partition without a group: from `offset` (or the first kept record after it), at most `limit`
   * records, fewer when they are large; none at the end. For state that is restored from a compacted topic, and for tails.
   */
  read(part: TopicPartition, offset: number, limit: number): Promise<readonly LogRecord[]>;
  /** First kept and next offset of each partition. */
  offsets(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly first: number; readonly next: number }[]>;
  /** How many records a group has still to read in a topic, over all partitions. */
  lag(group: string, topic: string): Promise<number>;
  /** Resolves when the log can take and give records; rejects with LOG_UNAVAILABLE. For `/readyz`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
