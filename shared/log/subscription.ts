import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { GroupBackend, PartitionReader } from './group-backend.ts';
import { batchRecordsDefault, metadataCharsMax } from './limits.ts';
import type { Committed, Consumer, Subscription, TopicPartition } from './log.ts';

/** One partition that we read: told to stop by a flag, ended when `done` resolves. */
interface Reading {
  readonly part: TopicPartition;
  isPaused: boolean;
  isStopping: boolean;
  /** A commit has shown that another member has it: what the consumer makes of that is no failure of its own. */
  isLost: boolean;
  done: Promise<void>;
}

/**
 * Reads topics as a member of a group, the same way for every log. One loop (`manage`) is the only one that starts
 * and stops partitions, so assignments never overlap; each partition has its own loop for its batches. Partitions
 * of one number are started together, after `onAssigned` of all of them.
 *
 * @param partitions of each of the consumer's topics, in their order
 */
export async function subscribeWith(
  backend: GroupBackend,
  consumer: Consumer,
  partitions: readonly number[],
): Promise<Subscription> {
  const { membership, waker } = backend;
  await membership.balance();
  const readings = createReadings(backend, consumer, partitions);
  let isStopping = false;
  const manage = async () => {
    await nextTurn(); // The caller holds the subscription before its consumer hears of anything.
    while (!isStopping && readings.failure() === undefined) {
      const wake = waker.next();
      await rebalance(backend, readings);
      await wake;
    }
  };
  const leave = async () => {
    await membership.leave();
    await backend.close();
  };
  const end = async (failure: unknown) => {
    await readings.abandon();
    await leave().catch(() => undefined); // The others will notice our silence.
    consumer.onError(failure);
  };
  const managed = manage()
    .then(() => readings.failure()?.error)
    .catch((error) => error)
    .then((failure) => (failure === undefined || isStopping ? undefined : end(failure)));
  const stop = async () => {
    isStopping = true;
    backend.halt();
    waker.wake();
    await managed;
    if (readings.isAbandoned()) return;
    await readings.stop(readings.units());
    await leave();
  };
  let stopped: Promise<void> | undefined;
  return {
    ...readings.controls,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

type Readings = ReturnType<typeof createReadings>;

async function rebalance({ membership }: GroupBackend, readings: Readings): Promise<void> {
  const { owned, due } = await membership.balance();
  const running = readings.units();
  // Taken from us while we were silent for too long: others read them already, and commits are refused.
  const lost = running.filter((unit) => !owned.includes(unit));
  if (lost.length > 0) await readings.lose(lost);
  const leaving = owned.filter((unit) => !due.includes(unit));
  if (leaving.length > 0) {
    await readings.stop(leaving.filter((unit) => running.includes(unit)));
    await membership.release(leaving);
  }
  const starting = due.filter((unit) => owned.includes(unit) && !readings.units().includes(unit));
  for (const unit of starting) await readings.start(unit);
}

function createReadings(backend: GroupBackend, consumer: Consumer, partitions: readonly number[]) {
  const { waker } = backend;
  const byUnit = new Map<number, readonly Reading[]>();
  let failed: { readonly error: unknown } | undefined;
  let isAbandoned = false;
  const fail = (error: unknown) => {
    failed ??= { error };
    waker.wake();
  };
  const finish = async (readings: readonly Reading[]) => {
    for (const reading of readings) reading.isStopping = true;
    waker.wake();
    await Promise.all(readings.map(({ done }) => done));
  };
  const stop = async (units: readonly number[]) => {
    const stopping = units.flatMap((unit) => byUnit.get(unit) ?? []);
    await finish(stopping);
    for (const reading of stopping) await tolerant(reading, async () => consumer.onRevoked?.(reading.part));
    for (const unit of units) byUnit.delete(unit);
  };
  const start = async (unit: number) => {
    const readings = consumer.topics
      .filter((_, i) => unit < (partitions[i] ?? 0))
      .map((topic) => newReading({ topic, partition: unit }));
    byUnit.set(unit, readings);
    const starts: number[] = [];
    for (const reading of readings)
      await tolerant(reading, async () => starts.push(await startOffset(backend, consumer, reading)));
    readings.forEach((reading, i) => {
      const start = starts[i];
      if (start === undefined) return; // lost before it began; the next balance tells
      const reader = backend.reader(reading.part, start);
      reading.done = tolerant(reading, () => readOn(reading, reader, backend, consumer))
        .catch(fail)
        .finally(() => reader.close());
    });
  };
  return {
    start,
    stop,
    lose: (units: readonly number[]) => {
      for (const reading of units.flatMap((unit) => byUnit.get(unit) ?? [])) reading.isLost = true;
      return stop(units);
    },
    /** Stops without a word to the consumer, which has failed. */
    abandon: () => {
      isAbandoned = true;
      return finish([...byUnit.values()].flat());
    },
    isAbandoned: () => isAbandoned,
    units: () => [...byUnit.keys()],
    failure: () => failed,
    controls: createControls(backend, byUnit),
  };
}

/** Does something of the consumer's; what goes wrong because the partition is lost is not passed on. */
async function tolerant(reading: Reading, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!reading.isLost) throw error;
  }
}

async function commitFor(backend: GroupBackend, reading: Reading, committed: Committed): Promise<void> {
  try {
    await backend.commit(reading.part, committed);
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFLICT') reading.isLost = true;
    throw error;
  }
}

function createControls(
  backend: GroupBackend,
  byUnit: ReadonlyMap<number, readonly Reading[]>,
): Omit<Subscription, 'stop'> {
  const find = ({ topic, partition }: TopicPartition) =>
    byUnit.get(partition)?.find(({ part }) => part.topic === topic);
  // A partition that has just gone is not read anyway: to pause or resume it is no fault.
  const setPaused = (part: TopicPartition, isPaused: boolean) => {
    const reading = find(part);
    if (reading !== undefined) reading.isPaused = isPaused;
  };
  return {
    commit: async (part, committed) => {
      const reading = find(part);
      if (reading === undefined)
        throw new AppError('CONFLICT', `${part.topic}/${part.partition} is not ours`);
      if (committed.metadata.length > metadataCharsMax)
        throw new RangeError(`the note of a commit is over ${metadataCharsMax} characters`);
      await commitFor(backend, reading, committed);
    },
    assigned: () => [...byUnit.values()].flat().map(({ part }) => part),
    pause: (part) => setPaused(part, true),
    resume: (part) => {
      setPaused(part, false);
      backend.waker.wake();
    },
  };
}

function newReading(part: TopicPartition): Reading {
  return { part, isPaused: false, isStopping: false, isLost: false, done: Promise.resolve() };
}

async function startOffset(backend: GroupBackend, consumer: Consumer, reading: Reading): Promise<number> {
  const { part } = reading;
  const committed = await backend.committed(part);
  // A consumer reads its state from the log, which may go away meanwhile.
  const asked = await backend.persist(
    `${consumer.group} cannot begin with ${part.topic}/${part.partition}`,
    async () => consumer.onAssigned?.(part, committed),
  );
  if (asked !== undefined) return asked;
  if (committed !== undefined) return committed.offset;
  const { first, next } = await backend.offsets(part);
  if (consumer.from === 'earliest') return first;
  // Remembered at once: should the group restart before its first commit, nothing in between is passed over.
  await commitFor(backend, reading, { offset: next, metadata: '' });
  return next;
}

async function readOn(
  reading: Reading,
  reader: PartitionReader,
  { waker }: GroupBackend,
  consumer: Consumer,
): Promise<void> {
  const limit = consumer.batchRecordsMax ?? batchRecordsDefault;
  while (!reading.isStopping) {
    const wake = waker.next();
    const records = reading.isPaused ? [] : reader.next(limit);
    if (records.length === 0) {
      await wake;
      continue;
    }
    await consumer.onBatch({ ...reading.part, records, endOffset: reader.endOffset() });
    await nextTurn(); // Batches that are handled without waiting must not starve everything else.
  }
}
