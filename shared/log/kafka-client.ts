import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Cluster, Kafka, type KafkaConfig, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { registerCodecs } from './kafka-codecs.ts';
import type { LogSettings } from './settings.ts';

/** What of the settings concerns the connection to Kafka. */
export type KafkaSettings = Pick<
  LogSettings,
  | 'brokers'
  | 'replication'
  | 'compression'
  | 'tls'
  | 'ca_file'
  | 'cert_file'
  | 'key_file'
  | 'username'
  | 'password'
  | 'sasl'
>;

/** About five seconds of trying again in one call; whoever called decides what then. */
const retry = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 6 };

/**
 * A kafkajs client with the settings' brokers, TLS and SASL, and with all codecs.
 *
 * @throws {AppError} CONFIG_INVALID: no brokers, or a certificate file that cannot be read
 */
export function createKafka(settings: KafkaSettings, logger: Logger): Kafka {
  if (settings.brokers.length === 0)
    throw new AppError('CONFIG_INVALID', 'log.brokers is empty: name at least one broker as host:port');
  registerCodecs();
  mendRequestQueue();
  return new Kafka({
    clientId: 'amiss',
    brokers: settings.brokers,
    retry,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    ...tlsOf(settings),
    ...saslOf(settings),
    logLevel: logger.isLevelEnabled('debug') ? logLevel.INFO : logLevel.WARN,
    logCreator: () => logTo(logger),
  });
}

/**
 * A connection to the cluster on the level of the protocol's requests. kafkajs hands it to the assigners of a
 * consumer, which is the one public way to it.
 */
export function clusterOf(kafka: Kafka): Cluster {
  const found: Cluster[] = [];
  const unused = { name: 'unused', version: 0, assign: async () => [], protocol: () => noProtocol };
  kafka.consumer({
    groupId: 'unused',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found.push(cluster);
        return unused;
      },
    ],
  });
  const [cluster] = found;
  if (cluster === undefined) throw new Error('kafkajs did not make its assigner');
  return cluster;
}
const noProtocol = { name: 'unused', metadata: Buffer.alloc(0) };

/** Whatever a broker or the way to it did wrong, as the seam's error. */
export function kafkaFailure(doing: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('LOG_UNAVAILABLE', `${doing}: ${messageOf(error)}`, { cause: error });
}

/** The protocol's name of an error (`REBALANCE_IN_PROGRESS`), or kafkajs's own (`KafkaJSConnectionError`). */
export function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'type' in error && typeof error.type === 'string' ? error.type : error.name;
}

function tlsOf(settings: KafkaSettings): Pick<KafkaConfig, 'ssl'> {
  if (!settings.tls) return {};
  const file = (path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new AppError('CONFIG_INVALID', `cannot read ${path} for the log's TLS: ${messageOf(error)}`);
    }
  };
  return {
    ssl: {
      ...(settings.ca_file !== '' && { ca: file(settings.ca_file) }),
      ...(settings.cert_file !== '' && { cert: file(settings.cert_file) }),
      ...(settings.key_file !== '' && { key: file(settings.key_file) }),
    },
  };
}

function saslOf({ sasl, username, password }: KafkaSettings): Pick<KafkaConfig, 'sasl'> {
  if (sasl === 'none') return {};
  const options: SASLOptions = { mechanism: sasl, username, password };
  return { sasl: options };
}

/**
 * kafkajs calls each failed attempt an error, though it tries again; what fails for good is thrown and told by whom
 * it stops. So its levels are taken down by one or two, and what it repeats is told once.
 */
function logTo(logger: Logger): (entry: LogEntry) => void {
  let last = '';
  return ({ level, namespace, log }) => {
    const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
    if (message === last) return;
    last = message;
    const pinoLevel = level === logLevel.ERROR ? 'warn' : level === logLevel.WARN ? 'info' : 'debug';
    logger[pinoLevel]({ namespace, kafka: message, ...fields }, 'kafkajs');
  };
}

interface RequestQueue {
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const pendingCheckMs = 10;

/**
 * kafkajs 2.2.4 asks for a timer in the past after each request that is not throttled, which Node warns of
 * (https://github.com/tulios/kafkajs/issues/1751). With nothing pending it needs no timer, and none is set.
 */
function mendRequestQueue(): void {
  const path = 'kafkajs/src/network/requestQueue/index.js';
  const { prototype } = createRequire(import.meta.url)(path) as { prototype: RequestQueue };
  prototype.scheduleCheckPendingRequests = function schedule(this: RequestQueue) {
    const waitMs = this.throttledUntil - Date.now();
    if (this.throttleCheckTimeoutId || (waitMs <= 0 && this.pending.length === 0)) return;
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      waitMs > 0 ? waitMs : pendingCheckMs,
    );
  };
}
