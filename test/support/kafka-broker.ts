import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createKafka } from '../../shared/log/kafka-client.ts';
import { silentLogger } from '../../shared/logger.ts';
import { kafkaJars } from './kafka-jars.ts';
import { kafkaSettings } from './kafka-settings.ts';

/** A real Apache Kafka (KRaft, one node) on loopback, with a data folder of its own. */
export interface KafkaBroker {
  /** `host:port` to connect to. */
  readonly brokers: readonly string[];
  /** False when it was named by `KAFKA_BROKERS`: it is not ours to stop then. */
  readonly isOurs: boolean;
  /** Ends it in order; the data stays. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it and removes the data. */
  dispose(): Promise<void>;
}

export interface BrokerOptions {
  /** Lines for `server.properties` that replace or follow the harness's own; they may depend on its addresses. */
  readonly properties?:
    | Readonly<Record<string, string>>
    | ((address: string, controller: string) => Readonly<Record<string, string>>);
  /** Users known by SCRAM-SHA-512, with their passwords. */
  readonly users?: Readonly<Record<string, string>>;
}

const startMsMax = 60_000;
const stopMsMax = 30_000;
const run = promisify(execFile);

/**
 * Whether tests that need a broker can run: `KAFKA_BROKERS` names one, or Java and the jars are here. Where they
 * cannot, it says so loudly; in CI that is a failure.
 */
export async function isKafkaAvailable(): Promise<boolean> {
  if (process.env['KAFKA_BROKERS'] !== undefined) return true;
  const missing = await run('java', ['-version']).then(
    async () => {
      const jars = await kafkaJars();
      return 'missing' in jars ? jars.missing : undefined;
    },
    () => 'there is no Java (17 or newer) on the path',
  );
  if (missing === undefined) return true;
  const message = `THE KAFKA TESTS DID NOT RUN: ${missing}.
Remedy: install Java 17 and Maven and run "node test/support/kafka-jars.ts", or set KAFKA_BROKERS=host:port.`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(message);
  return false;
}

/** Starts a broker and waits until it answers. Ask `isKafkaAvailable` before. */
export async function startKafkaBroker(options: BrokerOptions = {}): Promise<KafkaBroker> {
  const named = process.env['KAFKA_BROKERS'];
  if (named !== undefined) return foreignBroker(named.split(','));
  const jars = await kafkaJars();
  if ('missing' in jars) throw new Error(jars.missing);
  const folder = await mkdtemp(join(tmpdir(), 'amiss-kafka-'));
  const [port, controllerPort] = await freePorts();
  const address = `127.0.0.1:${port}`;
  const controller = `127.0.0.1:${controllerPort}`;
  const { properties: given } = options;
  const properties = {
    ...basicProperties(folder, address, controller),
    ...(typeof given === 'function' ? given(address, controller) : given),
  };
  const configuration = join(folder, 'server.properties');
  const text = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(configuration, text.join(''));
  const java = ['-cp', `${jars.folder}/*`];
  const format = ['format', '--standalone', '-t', 'YW1pc3MtdGVzdC1icm9rZQ', '-c', configuration];
  const users = Object.entries(options.users ?? {}).flatMap(([name, password]) => [
    '--add-scram',
    `SCRAM-SHA-512=[name=${name},password=${password}]`,
  ]);
  await run('java', [...java, 'kafka.tools.StorageTool', ...format, ...users]);

  let running: ChildProcess | undefined;
  const start = async () => {
    const heap = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const child = spawn('java', [...heap, ...java, 'kafka.Kafka', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = createWriteStream(join(folder, 'output.txt'), { flags: 'a' });
    child.stdout.pipe(output);
    child.stderr.pipe(output);
    running = child;
    // A test run that ends early takes its broker with it.
    const killAtExit = () => child.kill('SIGKILL');
    process.once('exit', killAtExit);
    child.once('exit', () => process.off('exit', killAtExit));
    await waitUntilUp(address, child, join(folder, 'output.txt'));
  };
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const late = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
    child.kill(signal);
    await once(child, 'exit');
    clearTimeout(late);
  };
  await start();
  return {
    brokers: [address],
    isOurs: true,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    dispose: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function foreignBroker(brokers: readonly string[]): KafkaBroker {
  const refuse = () => Promise.reject(new Error('the broker of KAFKA_BROKERS is not ours to start and stop'));
  return {
    brokers,
    isOurs: false,
    start: refuse,
    stop: refuse,
    kill: refuse,
    dispose: async () => undefined,
  };
}

function basicProperties(folder: string, address: string, controller: string): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': controller,
    listeners: `PLAINTEXT://${address},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAINTEXT://${address}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': 'false',
    // One node stands for all replicas.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    // What takes minutes in production takes a second here.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'log.initial.task.delay.ms': '100',
    'log.retention.check.interval.ms': '500',
    'log.segment.delete.delay.ms': '100',
    'log.cleaner.backoff.ms': '500',
    'log.cleaner.dedupe.buffer.size': String(16 * 2 ** 20),
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
}

/** Two ports of loopback that nobody listens on now. */
export async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  for (const server of servers) server.close();
  return [ports[0] ?? 0, ports[1] ?? 0];
}

async function waitUntilUp(address: string, child: ChildProcess, output: string): Promise<void> {
  const kafka = createKafka(kafkaSettings([address]), silentLogger);
  const deadline = Date.now() + startMsMax;
  while (Date.now() < deadline && child.exitCode === null) {
    const admin = kafka.admin({ retry: { retries: 0 } });
    const isUp = await admin
      .connect()
      .then(() => admin.listTopics())
      .then(
        () => true,
        () => false,
      );
    await admin.disconnect();
    if (isUp) return;
    await pause(200);
  }
  child.kill('SIGKILL');
  throw new Error(`the broker did not start:\n${(await readFile(output, 'utf8')).slice(-4000)}`);
}
