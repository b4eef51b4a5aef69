import { CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import { AppError } from '../errors.ts';
import { type KafkaSettings, kafkaFailure } from './kafka-client.ts';
import type { AppendRecord } from './log.ts';
import { recordBytes } from './record-routing.ts';

/** Appends to Kafka, one request at a time: what comes meanwhile is the next request. */
export interface KafkaAppender {
  /**
   * Resolves when all in-sync replicas have every record.
   *
   * @throws {AppError} LOG_UNAVAILABLE: not acknowledged in time; LOG_FULL: too much waits already
   */
  append(topic: string, routed: ReadonlyMap<number, readonly AppendRecord[]>): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of one partition in a request: below Kafka's default `message.max.bytes` before compression. */
const partitionBytesMax = 900_000;
/** Bytes of a request over all partitions; the broker's `socket.request.max.bytes` is 100 MB. */
const requestBytesMax = 16 * 2 ** 20;
/** Bytes that wait for a broker; beyond it appends are refused, which a client feels as back-pressure. */
const waitingBytesMax = 64 * 2 ** 20;

/** A part of an append that goes to one partition in one request. */
interface Piece {
  readonly append: Append;
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly bytes: number;
}

interface Append {
  waiting: number;
  isFailed: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

const compressions = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  zstd: CompressionTypes.ZSTD,
};

export function createKafkaAppender(kafka: Kafka, settings: KafkaSettings): KafkaAppender {
  const lanes = new Map<string, Piece[]>(); // by topic and partition, in order
  let waitingBytes = 0;
  let sending: Promise<void> | undefined;
  let producer: Promise<Producer> | undefined;
  const compression = compressions[settings.compression];

  const send = async (pieces: readonly Piece[]) => {
    try {
      producer ??= connect(kafka);
      const topicMessages = pieces.map(({ topic, messages }) => ({ topic, messages: [...messages] }));
      await (await producer).sendBatch({ acks: -1, compression, topicMessages });
      for (const { append } of pieces) if (--append.waiting === 0) append.resolve();
    } catch (error) {
      // An idempotent producer that has failed may have lost count of its sequences: the next one starts afresh.
      const failed = producer;
      producer = undefined;
      await failed?.then((old) => old.disconnect()).catch(() => undefined);
      for (const { append } of pieces) {
        append.isFailed = true;
        append.reject(kafkaFailure('the brokers did not acknowledge an append', error));
      }
    }
  };
  const drain = async () => {
    for (let pieces = take(lanes); pieces.length > 0; pieces = take(lanes)) {
      for (const { bytes } of pieces) waitingBytes -= bytes;
      const wanted = pieces.filter(({ append }) => !append.isFailed);
      if (wanted.length > 0) await send(wanted);
    }
    sending = undefined;
  };
  return {
    append: (topic, routed) =>
      new Promise((resolve, reject) => {
        const append: Append = { waiting: 0, isFailed: false, resolve, reject };
        const pieces = [...routed].flatMap(([partition, records]) => cut(append, topic, partition, records));
        const bytes = pieces.reduce((sum, { piece }) => sum + piece.bytes, 0);
        if (pieces.length === 0) return resolve();
        if (waitingBytes > 0 && waitingBytes + bytes > waitingBytesMax)
          return reject(new AppError('LOG_FULL', `${waitingBytes} bytes wait for the brokers already`));
        waitingBytes += bytes;
        append.waiting = pieces.length;
        for (const { lane, piece } of pieces) {
          const list = lanes.get(lane);
          if (list === undefined) lanes.set(lane, [piece]);
          else list.push(piece);
        }
        sending ??= Promise.resolve().then(drain);
      }),
    close: async () => {
      await sending;
      await producer?.then((open) => open.disconnect()).catch(() => undefined);
    },
  };
}

async function connect(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  await producer.connect();
  return producer;
}

/** Cuts records of one partition into pieces that each fit a request; a larger record is a piece of its own. */
function cut(append: Append, topic: string, partition: number, records: readonly AppendRecord[]) {
  const pieces: { lane: string; piece: Piece }[] = [];
  let messages: Message[] = [];
  let bytes = 0;
  const close = () => {
    if (messages.length > 0)
      pieces.push({ lane: `${partition}/${topic}`, piece: { append, topic, messages, bytes } });
    messages = [];
    bytes = 0;
  };
  for (const record of records) {
    const more = recordBytes(record);
    if (bytes + more > partitionBytesMax) close();
    messages.push({ key: record.key, value: record.value, partition });
    bytes += more;
  }
  close();
  return pieces;
}

/** The next request: from each lane as much as fits one batch. */
function take(lanes: Map<string, Piece[]>): readonly Piece[] {
  const taken: Piece[] = [];
  let total = 0;
  for (const [lane, pieces] of lanes) {
    let bytes = 0;
    while (pieces[0] !== undefined && (bytes === 0 || bytes + pieces[0].bytes <= partitionBytesMax)) {
      if (total > 0 && total + pieces[0].bytes > requestBytesMax) return taken;
      bytes += pieces[0].bytes;
      total += pieces[0].bytes;
      taken.push(...pieces.splice(0, 1));
    }
    if (pieces.length === 0) lanes.delete(lane);
  }
  return taken;
}
