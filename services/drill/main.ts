import type { Alert } from '#shared/alert.ts';
import type { Clock } from '#shared/clock.ts';
import { AppError } from '#shared/errors.ts';
import { ingestClient } from '#shared/ingest-client.ts';
import { type DrillAttack, type DrillReport, drillReport } from './report.ts';

const batchEvents = 2_000;
const pollMs = 500;
/** The pipeline is done when nothing has been behind, and no alert has come, for so long. */
const quietMs = 4_000;
const waitMsMax = 15 * 60_000;
const alertsMax = 1_000;
const learnedDays = 400;

/** Events and attacks, as the simulator makes them. */
export interface DrillTraffic {
  readonly instances: readonly DrillAttack[];
  readonly events: Iterable<{ readonly event: DrillEvent; readonly instance: number }>;
}

/** A native event; what else it holds is passed on as it is. */
export interface DrillEvent {
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

export interface DrillOptions {
  /** Base address of a running Amiss. */
  readonly url: string;
  /** Of an admin: the drill declares the agents of its network. */
  readonly token: string;
  /** The space that the drill runs in, where nothing has happened yet: clock, cases and budget are its own. */
  readonly space: string;
  /** Records that the services may be behind when the drill is over: those of others' traffic. */
  readonly lagMax: number;
  readonly traffic: DrillTraffic;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (events: number, time: number) => void;
}

/**
 * Sends simulated traffic with attacks through a running pipeline, every event marked as part of a drill, and tells
 * which attacks it detected. Before the first attack the agents that the quiet time showed are declared, and the policy
 * that it suggests is put in force, as their owner would; afterwards both are taken back.
 *
 * @throws {AppError} UNAUTHORIZED, INPUT_INVALID, LOG_UNAVAILABLE; NOT_FOUND when the pipeline does not come to rest
 */
export async function runDrill(options: DrillOptions): Promise<DrillReport> {
  const { traffic, url, token, clock, space } = options;
  const api = apiOf(url, token);
  const send = ingestClient({ url, token, clock });
  const attackedFrom = Math.min(...traffic.instances.map(({ from }) => from));
  const agents = new Set<string>();
  let lines: string[] = [];
  let events = 0;
  let isDeclared = false;
  const flush = async (time: number) => {
    options.signal.throwIfAborted();
    if (lines.length > 0) await send(`${lines.join('\n')}\n`);
    events += lines.length;
    lines = [];
    options.onProgress?.(events, time);
  };
  for (const { event, instance } of traffic.events) {
    // The first call of an attack may lie a moment before its announced beginning: clocks differ, and times are whole.
    if (!isDeclared && (instance > 0 || event.time >= attackedFrom)) {
      isDeclared = true;
      await flush(event.time);
      await settled(options, api);
      await intend(api, space, agents);
      await settled(options, api);
    }
    if (!isDeclared) agents.add(event.source).add(event.destination);
    const attributes = { ...event.attributes, drill: 'true' };
    lines.push(JSON.stringify({ ...event, space, attributes }));
    if (lines.length >= batchEvents) await flush(event.time);
  }
  await flush(0);
  const alerts = await settled(options, api);
  await takeBack(api, space);
  return drillReport({ space, events, attacks: traffic.instances }, alerts);
}

type Api = <T>(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) => Promise<T>;

function apiOf(base: string, token: string): Api {
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(new URL(`/api/v1${path}`, base), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok)
      throw new AppError('INPUT_INVALID', `${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
}

async function intend(api: Api, space: string, agents: ReadonlySet<string>): Promise<void> {
  const declared = { agents: [...agents].map((agent) => ({ agent })) };
  await api('POST', importPath(space), { content: declared });
  const path = `/policies/${space}`;
  const { policy } = await api<{ readonly policy: unknown }>('GET', `${path}/learned?days=${learnedDays}`);
  await api('PUT', path, { policy, reason: 'learned from the quiet time' });
}

async function takeBack(api: Api, space: string): Promise<void> {
  await api('POST', importPath(space), { content: { agents: [] }, is_complete: true });
  await api('POST', '/decisions', { key: `policy/${space}`, space, reason: 'the drill is over', body: null });
}

const importPath = (space: string) => `/registry/imports/agents?space=${space}`;

interface Status {
  readonly services: readonly { readonly lag: Readonly<Record<string, number | null>> }[];
}

/** Waits until nobody is behind and the alerts stand still; returns them. */
async function settled({ clock, signal, space, lagMax }: DrillOptions, api: Api): Promise<readonly Alert[]> {
  const deadline = clock.now() + waitMsMax;
  let since = clock.now();
  let before = '';
  for (;;) {
    const { services } = await api<Status>('GET', '/status');
    const isBehind = services.some(({ lag }) =>
      Object.values(lag).some((records) => (records ?? Infinity) > lagMax),
    );
    const path = `/alerts?space=${space}&limit=${alertsMax}`;
    const { items } = await api<{ readonly items: readonly Alert[] }>('GET', path);
    const now = JSON.stringify(items.map(({ id, revision }) => [id, revision]));
    if (isBehind || now !== before) since = clock.now();
    before = now;
    if (clock.now() - since >= quietMs) return items;
    if (clock.now() > deadline)
      throw new AppError(
        'NOT_FOUND',
        `the pipeline did not come to rest within ${waitMsMax / 60_000} minutes`,
      );
    await clock.sleep(pollMs, signal);
  }
}
