import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AmissProcess, newDataFolder, removeData, startAmiss } from './amiss-process.ts';
import { type Front, startFront } from './clickhouse-front.ts';
import { freePort } from './free-port.ts';
import { type KafkaBroker, startKafkaBroker } from './kafka-broker.ts';

export type ClusterService = 'notifier' | 'recorder' | 'scorer' | 'api' | 'collector';

/** One service of a cluster, whichever process runs it at the moment. */
export interface Member {
  readonly service: ClusterService;
  readonly url: string;
  /** The process that runs it now, or ran it last. */
  process(): AmissProcess;
  /** Starts it again on the same address with the same data folder; resolves when it is ready. */
  restart(): Promise<void>;
}

/** A real broker, the store's engine behind HTTP, and services as processes of their own. */
export interface Cluster {
  readonly broker: KafkaBroker;
  /** Variables that every service is given. */
  readonly environment: Readonly<Record<string, string>>;
  readonly members: readonly Member[];
  start(service: ClusterService): Promise<Member>;
  stopStore(): Promise<void>;
  /** On the same address with the same data. */
  startStore(): Promise<void>;
  /** Kills whatever runs and removes all data. */
  close(): Promise<void>;
}

const partitions = 4;

/** Starts broker and store, and no service yet. Ask `isKafkaAvailable` before. @param extra more variables */
export async function startCluster(extra: Readonly<Record<string, string>> = {}): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'amiss-cluster-'));
  const [broker, first] = await Promise.all([startKafkaBroker(), startFront(folder)]);
  let front: Front = first;
  const environment = {
    AMISS_LOG_KIND: 'kafka',
    AMISS_LOG_BROKERS: broker.brokers.join(),
    AMISS_LOG_PARTITIONS: String(partitions),
    AMISS_STORE_KIND: 'clickhouse',
    AMISS_STORE_URL: front.url,
    AMISS_STORE_USERNAME: front.username,
    AMISS_STORE_PASSWORD: front.password,
    AMISS_SCORER_SNAPSHOT_EVERY_MS: '1000',
    AMISS_SCORER_ALERTS_PER_DAY: '1000',
    ...extra,
  };
  const members: Member[] = [];
  return {
    broker,
    environment,
    members,
    start: async (service) => {
      const member = await startMember(service, environment);
      members.push(member);
      return member;
    },
    stopStore: () => front.stop(),
    startStore: async () => {
      front = await startFront(folder, first.port);
    },
    close: async () => {
      await Promise.all(members.map((member) => member.process().end('SIGKILL')));
      for (const member of members) removeData(member.process().data);
      await Promise.all([broker.dispose(), front.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts one service on a free port of loopback with a data folder of its own. */
export async function startMember(
  service: ClusterService,
  environment: Readonly<Record<string, string>>,
): Promise<Member> {
  const options = {
    command: service,
    environment,
    data: newDataFolder(),
    listen: `127.0.0.1:${await freePort()}`,
  };
  let running = await startAmiss(options);
  return {
    service,
    url: running.url,
    process: () => running,
    restart: async () => {
      running = await startAmiss(options);
    },
  };
}
