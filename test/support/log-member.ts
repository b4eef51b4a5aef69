import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../shared/clock.ts';
import { openEmbeddedLog } from '../../shared/log/embedded.ts';

// A thread or process of its own that uses an embedded log: `read` joins a group, `write` appends until it is ended.
export interface MemberTask {
  readonly kind: 'read' | 'write';
  readonly path: string;
  readonly topic: string;
}

export type MemberMessage =
  | { readonly kind: 'assigned'; readonly partition: number }
  | { readonly kind: 'read'; readonly values: readonly string[] }
  | { readonly kind: 'written'; readonly upTo: number };

const recordsPerAppend = 100;

async function read({ path, topic }: MemberTask, tell: (message: MemberMessage) => void): Promise<void> {
  const log = await openEmbeddedLog({ path, clock: systemClock, leaseMs: 2_000 });
  const subscription = await log.subscribe({
    group: 'members',
    topics: [topic],
    from: 'earliest',
    onAssigned: async ({ partition }) => {
      tell({ kind: 'assigned', partition });
      return undefined;
    },
    onBatch: async (batch) => {
      tell({ kind: 'read', values: batch.records.map(({ value }) => String(value)) });
      await subscription.commit(batch, { offset: (batch.records.at(-1)?.offset ?? 0) + 1, metadata: '' });
    },
    onError: (error) => {
      throw error;
    },
  });
}

/** Numbers from where the log ends, in appends that overlap; tells each number that is durable. */
async function write({ path, topic }: MemberTask, tell: (message: MemberMessage) => void): Promise<void> {
  const log = await openEmbeddedLog({ path, clock: systemClock });
  const [part] = await log.offsets(topic);
  for (let next = part?.next ?? 0; ; next += 4 * recordsPerAppend) {
    const appends = [0, 1, 2, 3].map(async (i) => {
      const first = next + i * recordsPerAppend;
      const values = Array.from({ length: recordsPerAppend }, (_, n) => String(first + n));
      await log.append(
        topic,
        values.map((value) => ({ key: null, value, partition: 0 })),
      );
      tell({ kind: 'written', upTo: first + recordsPerAppend - 1 });
    });
    await Promise.all(appends);
  }
}

const task: MemberTask = isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData;
const tell = (message: MemberMessage) => {
  if (isMainThread) process.send?.(message);
  else parentPort?.postMessage(message);
};
await (task.kind === 'read' ? read(task, tell) : write(task, tell));
