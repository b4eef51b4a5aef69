import { decodeChunk } from './embedded-chunk.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import type { PartitionReader } from './group-backend.ts';
import { batchBytesMax } from './limits.ts';
import type { LogRecord } from './log.ts';

/** @param start offset of the first record to read; the first kept one after it when that one is gone */
export function createPartitionReader(
  store: EmbeddedStore,
  topic: number,
  partition: number,
  start: number,
): PartitionReader {
  let position = start;
  // What was decoded and not yet handed out: a chunk is decoded once, however small the batches are.
  let ready: LogRecord[] = [];
  let taken = 0;
  const fill = (limit: number) => {
    ready = [];
    taken = 0;
    let bytes = 0;
    for (const { base, chunk } of store.chunks(topic, partition, position)) {
      for (const record of decodeChunk(chunk, base, position)) ready.push(record);
      bytes += chunk.length;
      if (ready.length >= limit || bytes >= batchBytesMax) break;
    }
  };
  return {
    endOffset: () => store.partition(topic, partition).next,
    close: () => undefined,
    next: (limit) => {
      store.refresh();
      if (taken === ready.length) {
        if (position >= store.partition(topic, partition).next) return [];
        fill(limit);
      }
      const batch = ready.slice(taken, taken + limit);
      taken += batch.length;
      const last = batch.at(-1);
      if (last !== undefined) position = last.offset + 1;
      return batch;
    },
  };
}
