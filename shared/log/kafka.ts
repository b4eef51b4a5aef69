import type { Admin, Cluster, Kafka } from 'kafkajs';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { GroupBackend, Waker } from './group-backend.ts';
import { clusterOf, createKafka, type KafkaSettings, kafkaFailure } from './kafka-client.ts';
import type { UnreadableRecord } from './kafka-fetch.ts';
import { createKafkaMembership } from './kafka-group.ts';
import { createKafkaAppender } from './kafka-producer.ts';
import {
  askUntilSettled,
  committedOf,
  lagOf,
  offsetsOf,
  partitionsOf,
  rangeOf,
  readPartition,
} from './kafka-questions.ts';
import { createFetcher } from './kafka-reader.ts';
import { ensureKafkaTopics } from './kafka-topics.ts';
import type { Consumer, EventLog, Subscription, TopicPartition } from './log.ts';
import { createRecordRouter } from './record-routing.ts';
import { subscribeWith } from './subscription.ts';

export interface KafkaLogOptions {
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes of a log segment: retention and compaction work by whole ones. */
  readonly segmentBytesMax?: number;
}

const segmentBytesDefault = 256 * 2 ** 20;
/** What a stopping subscription waits for brokers that are away: within the ten seconds that a service may drain. */
const haltMsMax = 5_000;

/**
 * The event log on Kafka.
 *
 * @throws {AppError} CONFIG_INVALID, or LOG_UNAVAILABLE when no broker answers
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const { settings, clock, logger } = options;
  const segmentBytesMax = options.segmentBytesMax ?? segmentBytesDefault;
  const kafka = createKafka(settings, logger);
  const admin = kafka.admin();
  const cluster = clusterOf(kafka);
  await guard('no broker answers', () => connect(admin, cluster));
  const appender = createKafkaAppender(kafka, settings);
  const { route } = createRecordRouter();
  const subscriptions = new Set<Subscription>();
  let isClosed = false;
  const open = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    isClosed ? Promise.reject(new AppError('LOG_CLOSED', 'the log is closed')) : guard(doing, work);
  const ask = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    open(doing, () => askUntilSettled(clock, cluster, work));
  return {
    ensureTopics: (specs) =>
      open('cannot create the topics', async () => {
        const { replication } = settings;
        await ensureKafkaTopics(admin, specs, { replication, segmentBytesMax });
        await cluster.refreshMetadata().catch(() => undefined); // what was known of their partitions is old
      }),
    append: (topic, records) =>
      open(`cannot append to ${topic}`, async () =>
        appender.append(topic, route(topic, await partitionsOf(cluster, topic), records)),
      ),
    subscribe: (consumer) =>
      open(`cannot read ${consumer.topics.join()}`, async () => {
        const subscription = await subscribeKafka({ kafka, admin, clock, logger, consumer });
        subscriptions.add(subscription);
        return subscription;
      }),
    read: (part, offset, limit) =>
      ask(`cannot read ${part.topic}`, () => readPartition(cluster, part, { offset, limit })),
    offsets: (topic) => ask(`cannot see the offsets of ${topic}`, () => offsetsOf(cluster, topic)),
    lag: (group, topic) =>
      ask(`cannot see the lag of ${group}`, () => lagOf({ admin, cluster }, group, topic)),
    ping: () => open('no broker answers', async () => void (await admin.describeCluster())),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
      await appender.close();
      await Promise.all([admin.disconnect(), cluster.disconnect()]);
    },
  };
}

/** Connecting shows that somebody listens; only a question shows that we may ask. */
async function connect(admin: Admin, cluster: Cluster): Promise<void> {
  try {
    await Promise.all([admin.connect(), cluster.connect()]);
    await admin.describeCluster();
  } catch (error) {
    await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
    throw error;
  }
}

async function guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw error; // a bug of the caller's
    throw kafkaFailure(doing, error);
  }
}

interface SubscribeOptions {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly consumer: Consumer;
}

/** A subscription has two connections of its own: a long fetch must not hold up a heartbeat or a commit. */
async function subscribeKafka(options: SubscribeOptions): Promise<Subscription> {
  const { kafka, admin, clock, logger, consumer } = options;
  const { group, topics } = consumer;
  const [fetching, coordinating] = [clusterOf(kafka), clusterOf(kafka)];
  await Promise.all([fetching.connect(), coordinating.connect()]);
  const count = () => Promise.all(topics.map((topic) => partitionsOf(fetching, topic)));
  const unitsMax = async () => Math.max(...(await count()));
  const waker = createTimedWaker();
  const membership = createKafkaMembership({
    cluster: coordinating,
    clock,
    logger,
    waker,
    group,
    topics,
    unitsMax,
  });
  const onUnreadable = (part: TopicPartition, records: readonly UnreadableRecord[]) => {
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    const range = { ...part, from: first.offset, to: last.offset, reason: first.reason };
    consumer.onUnreadable?.(range);
    logger.error({ code: 'LOG_CODEC_UNKNOWN', ...range }, 'records that cannot be read are passed over');
  };
  const range = (part: TopicPartition) => askUntilSettled(clock, fetching, () => rangeOf(fetching, part));
  const firstOffset = async (part: TopicPartition) => (await range(part)).first;
  const fetcher = createFetcher({ cluster: fetching, clock, logger, waker, firstOffset, onUnreadable });
  const close = async () => {
    await fetcher.close();
    waker.close();
    await Promise.all([fetching.disconnect(), coordinating.disconnect()]);
  };
  const { patience } = membership;
  const backend: GroupBackend = {
    membership,
    waker,
    committed: ({ topic, partition }) =>
      patience.persist(`cannot see the commits of ${group}`, async () => {
        const commits = await committedOf(admin, group, topic);
        const found = commits.find((commit) => commit.partition === partition);
        return found && { offset: Number(found.offset), metadata: found.metadata ?? '' };
      }),
    commit: membership.commit,
    offsets: (part) => patience.persist(`cannot see the offsets of ${part.topic}`, () => range(part)),
    reader: fetcher.reader,
    persist: patience.persist,
    halt: () => patience.limit(haltMsMax),
    close,
  };
  try {
    return await subscribeWith(backend, consumer, await count());
  } catch (error) {
    await membership.leave().catch(() => undefined);
    await close();
    throw error;
  }
}

const wakeMsMax = 250;

/** A waker that nobody but its owner wakes, and time. */
function createTimedWaker(): Waker {
  let { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => {
    resolve();
    ({ promise, resolve } = Promise.withResolvers<void>());
  };
  const timer = setInterval(wake, wakeMsMax);
  return {
    next: () => promise,
    wake,
    close: () => {
      clearInterval(timer);
      wake();
    },
  };
}
