import type { Committed, LogRecord, TopicPartition } from './log.ts';

/** One member's view of its group. Units are partition numbers: a member reads that number of every topic. */
export interface Membership {
  /** Joins, notices who has gone, claims what is free and due to us. Cheap when nothing has changed. */
  balance(): Promise<Shares>;
  /** Gives units back, for whom they are due to. */
  release(units: readonly number[]): Promise<void>;
  leave(): Promise<void>;
}

export interface Shares {
  /** Units that nobody else reads: ours until we release them or are taken for dead. */
  readonly owned: readonly number[];
  /** Units that are ours by fair division; what is owned but not due is to be released. */
  readonly due: readonly number[];
}

/** Reads one partition forward. */
export interface PartitionReader {
  /** The next records, at most `limit` and about `batchBytesMax` bytes; none when none are at hand. */
  next(limit: number): readonly LogRecord[];
  /** The partition's next offset to be written, as far as known. */
  endOffset(): number;
  close(): void;
}

/** Tells that there may be something new to read, or a change in the group. */
export interface Waker {
  /** Resolves at the next change, or after a while. Ask first, then look, then wait: no change is missed. */
  next(): Promise<void>;
  /** Wakes everybody who waits. */
  wake(): void;
  close(): void;
}

/** What a log gives to `subscribeWith`: how it remembers, divides and reads. */
export interface GroupBackend {
  readonly membership: Membership;
  readonly waker: Waker;
  committed(part: TopicPartition): Promise<Committed | undefined>;
  /** Rejects with CONFLICT when the partition is another member's by now. */
  commit(part: TopicPartition, committed: Committed): Promise<void>;
  /** First kept and next offset. */
  offsets(part: TopicPartition): Promise<{ readonly first: number; readonly next: number }>;
  reader(part: TopicPartition, start: number): PartitionReader;
  /** Does what the consumer asks for, again while that fails with LOG_UNAVAILABLE and the log may come back. */
  persist<T>(doing: string, work: () => Promise<T>): Promise<T>;
  /** From now on nothing is waited for any longer than a stop may take. */
  halt(): void;
  /** Called once, after the group was left. */
  close(): Promise<void>;
}
