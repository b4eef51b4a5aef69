import { AppError } from '../errors.ts';
import { recordBytesMax } from './limits.ts';
import type { AppendRecord } from './log.ts';
import { partitionOf } from './partition.ts';

/** Sorts records into partitions: by their own wish, by key, or in turn when they have neither. */
export interface RecordRouter {
  /**
   * @throws {AppError} INPUT_TOO_LARGE: a record is over `recordBytesMax`; nothing may be appended then
   * @throws {RangeError} a record asks for a partition that the topic does not have
   */
  route(
    topic: string,
    partitions: number,
    records: readonly AppendRecord[],
  ): Map<number, readonly AppendRecord[]>;
}

export function createRecordRouter(): RecordRouter {
  let turn = 0;
  return {
    route: (topic, partitions, records) => {
      const routed = new Map<number, AppendRecord[]>();
      turn++; // Records without a key stay together in one append, so that batches stay large.
      for (const record of records) {
        const bytes = recordBytes(record);
        if (bytes > recordBytesMax) {
          const culprit = `a record of ${bytes} bytes for ${topic} (key ${record.key ?? 'null'})`;
          throw new AppError('INPUT_TOO_LARGE', `${culprit} is over the limit of ${recordBytesMax}`);
        }
        const partition = record.partition ?? partitionFor(record.key, partitions, turn);
        if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
          throw new RangeError(`${topic} has ${partitions} partitions, none with number ${partition}`);
        const list = routed.get(partition);
        if (list === undefined) routed.set(partition, [record]);
        else list.push(record);
      }
      return routed;
    },
  };
}

/** Bytes of key and value. */
export function recordBytes({ key, value }: AppendRecord): number {
  const valueBytes = typeof value === 'string' ? Buffer.byteLength(value) : (value?.length ?? 0);
  return valueBytes + (key === null ? 0 : Buffer.byteLength(key));
}

function partitionFor(key: string | null, partitions: number, turn: number): number {
  return key === null ? turn % partitions : partitionOf(key, partitions);
}
