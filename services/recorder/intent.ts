import type { Committed, TopicPartition } from '#shared/log/log.ts';

/**
 * What the recorder is about to insert, stored with the offset before it does: after a crash it inserts exactly the
 * same records with the same token, and the store drops what it already has.
 */
export interface Intent {
  /** Offset of the first record. */
  readonly from: number;
  /** Offset after the last record. */
  readonly to: number;
}

export function intentOf(committed: Committed | undefined): Intent | undefined {
  const to = /^to=(\d+)$/.exec(committed?.metadata ?? '')?.[1];
  if (committed === undefined || to === undefined) return undefined;
  return { from: committed.offset, to: Number(to) };
}

export function committedOf(intent: Intent): Committed {
  return { offset: intent.from, metadata: `to=${intent.to}` };
}

/** The deduplication token of these records. */
export function tokenOf(part: TopicPartition, { from, to }: Intent): string {
  return `${part.topic}/${part.partition}/${from}-${to}`;
}
