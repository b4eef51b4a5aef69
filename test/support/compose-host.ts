import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { type Front, startFront } from './clickhouse-front.ts';
import { type ComposeFile, readCompose } from './compose.ts';
import { type KafkaBroker, startKafkaBroker } from './kafka-broker.ts';
import { until } from './receiver.ts';

// docker-compose.yml without containers: its Kafka is a real broker with the settings of the file, its ClickHouse the
// engine behind a TLS front, and each service a process with exactly the variables of the file. Only what a container
// would do is done here: host names become loopback, ports free ones, and /run/secrets the files that it names.

const root = new URL('../..', import.meta.url).pathname;
const run = promisify(execFile);

export interface ComposeHost {
  readonly file: ComposeFile;
  readonly ca: string;
  readonly tokens: { readonly ingest: string; readonly read: string };
  readonly broker: KafkaBroker;
  readonly front: Front;
  /** The variables of a service, with hosts and paths of this machine. */
  environmentOf(service: string): Promise<Record<string, string>>;
  /** Starts a service; resolves when its health check would pass. */
  start(service: string): Promise<ServiceProcess>;
  close(): Promise<void>;
}

export interface ServiceProcess {
  readonly name: string;
  /** Of its listener, `https://127.0.0.1:...` */
  readonly url: string;
  /** Sends the signal; resolves with the exit code when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** The shell block of docs/deploy.md with this name, so that what operators are told is what is tested. */
export async function documentedScript(name: string): Promise<string> {
  const text = await readFile(join(root, 'docs/deploy.md'), 'utf8');
  const block = new RegExp(`^\`\`\`sh ${name}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1];
  if (block === undefined) throw new Error(`docs/deploy.md has no script called ${name}`);
  return block;
}

/** @param extra variables as an operator would add them to `.env` */
export async function startComposeHost(extra: Readonly<Record<string, string>>): Promise<ComposeHost> {
  const folder = await mkdtemp(join(tmpdir(), 'amiss-compose-'));
  await run('sh', ['-euc', await documentedScript('certificates')], { cwd: folder });
  const { stdout } = await run('sh', ['-euc', await documentedScript('environment')], { cwd: folder });
  const tokenAfter = (label: string) => new RegExp(`^${label}: +(\\S+)$`, 'm').exec(stdout)?.[1] ?? '';
  await mkdir(join(folder, 'store'));
  const front = await startFront(join(folder, 'store'));
  const variables = {
    ...environmentFile(await readFile(join(folder, '.env'), 'utf8')),
    AMISS_CLICKHOUSE_PASSWORD: front.password, // the front's own; it asks for it as ClickHouse does
    ...extra,
  };
  const file = readCompose(variables);
  const secretPath = (text: string) =>
    text.replace(/^\/run\/secrets\/(\w+)$/, (_all, name: string) =>
      join(folder, file.secrets[name]?.file ?? ''),
    );
  const [kafkaPort, ...ports] = await freePorts(32);
  const broker = await startKafkaBroker({
    properties: (local, controller) =>
      brokerProperties(file.services['kafka']?.environment ?? {}, {
        local,
        controller,
        kafkaPort,
        secretPath,
      }),
  });
  const tls = await startTls(front.port, folder);
  const children = new Set<ChildProcess>();
  const environmentOf = async (service: string) => {
    const given = file.services[service]?.environment ?? {};
    const port = ports.pop();
    const data = join(folder, `data-${port}`);
    const all = { AMISS_DATA: data, AMISS_LISTEN: '127.0.0.1:8470', ...given };
    const mapped = Object.entries(all).map(([name, value]) => {
      const local = secretPath(value)
        .replace('kafka:9092', `127.0.0.1:${kafkaPort}`)
        .replace('clickhouse:8443', `127.0.0.1:${tls.port}`)
        .replace(/:8470$/, `:${port}`);
      return [name, local] as const;
    });
    return Object.fromEntries(mapped);
  };
  const ca = await readFile(join(folder, 'tls/ca.pem'), 'utf8');
  return {
    file,
    ca,
    tokens: { ingest: tokenAfter('ingest token'), read: tokenAfter('read token') },
    broker,
    front,
    environmentOf,
    start: async (service) => {
      const environment = await environmentOf(service);
      const begin = () => {
        const child = spawn(process.execPath, ['services/cli.ts', service], {
          cwd: root,
          env: environment,
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        children.add(child);
        child.once('exit', () => children.delete(child));
        return child;
      };
      return healthy(service, begin, environment, ca);
    },
    close: async () => {
      for (const child of children) child.kill('SIGKILL');
      await broker.dispose();
      await tls.close();
      await front.stop();
      await chmod(join(folder, 'tls'), 0o700);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function healthy(
  name: string,
  begin: () => ChildProcess,
  environment: Readonly<Record<string, string>>,
  ca: string,
): Promise<ServiceProcess> {
  const port = environment['AMISS_LISTEN']?.split(':').at(-1);
  const scheme = environment['AMISS_HTTP_TLS_CERT_FILE'] === undefined ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${port}`;
  let child = begin();
  await until(async () => {
    if (child.exitCode !== null) child = begin(); // `restart: unless-stopped`, as the file has it
    const ask = scheme === 'https' ? call(`${url}/readyz`, { ca }) : fetch(`${url}/readyz`);
    return (await ask.catch(() => ({ status: 0 }))).status === 200;
  }, `${name} to be ready`);
  return {
    name,
    url,
    end: async (signal) => {
      const exited = once(child, 'exit');
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An HTTPS call that trusts this authority alone. */
export function call(
  url: string,
  options: { readonly ca: string; readonly token?: string; readonly body?: string },
): Promise<Answer> {
  const { ca, token, body } = options;
  const method = body === undefined ? 'GET' : 'POST';
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface BrokerPlaces {
  readonly local: string;
  readonly controller: string;
  readonly kafkaPort: number | undefined;
  readonly secretPath: (text: string) => string;
}

// What only the image's scripts read, and what belongs to the place where the data lies.
const notProperties = /^KAFKA_(HEAP_OPTS|LOG_DIRS|NODE_ID|CONTROLLER_QUORUM_VOTERS)$/;

/** The properties that the image makes of `KAFKA_*` variables, with the addresses of this machine. */
function brokerProperties(environment: Readonly<Record<string, string>>, places: BrokerPlaces) {
  const { local, controller, kafkaPort, secretPath } = places;
  const given = Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_') && !notProperties.test(name))
    .map(([name, value]) => [
      name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.'),
      secretPath(value),
    ]);
  const clients = `CLIENTS://127.0.0.1:${kafkaPort}`;
  return {
    ...Object.fromEntries(given),
    listeners: `${clients},LOCAL://${local},CONTROLLER://${controller}`,
    'advertised.listeners': `${clients},LOCAL://${local}`,
  };
}

/** Ends TLS before the front, with the certificate that ClickHouse is given in the file. */
async function startTls(port: number, folder: string) {
  const [cert, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => readFile(join(folder, 'tls', name), 'utf8')),
  );
  const server = createTlsServer({ cert, key }, (socket) => {
    const inner = connect(port, '127.0.0.1');
    socket.pipe(inner).pipe(socket);
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', () => undefined); // a client that gave up
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function environmentFile(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...rest] = line.split('=');
      return [name, rest.join('=').replace(/^'(.*)'$/, '$1')];
    }),
  );
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createPlainServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
