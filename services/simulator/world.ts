import type { Random } from '#shared/random.ts';
import { agentFactory, type SimulatedAgent } from './agent.ts';
import { between, logNormal, pick } from './draws.ts';
import type { Rhythm } from './rhythm.ts';

/** One call of a trace: who calls whom after which other call. */
export interface Step {
  readonly source: SimulatedAgent;
  readonly destination: SimulatedAgent;
  readonly protocol: string;
  readonly action: string;
  /** Index of the step that it happens within; -1 for the first. */
  readonly parent: number;
  /** How often it happens when its parent does; a cache answers otherwise. */
  readonly share: number;
  readonly durationMs: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** Something that an agent does again and again. */
export type Flow =
  | {
      readonly kind: 'request';
      readonly rhythm: Rhythm;
      /** Relative to other flows; scaled so that the whole network makes the calls that were asked for. */
      readonly weight: number;
      /** φ of the negative binomial that its hourly counts follow. */
      readonly dispersion: number;
      readonly steps: readonly Step[];
    }
  | { readonly kind: 'poll'; readonly periodMs: number; readonly phaseMs: number; readonly step: Step }
  | {
      readonly kind: 'session';
      readonly weight: number;
      readonly agent: SimulatedAgent;
      readonly tools: readonly Tool[];
    };

/** A tool of an LLM agent, with the people, hosts or accounts that it is used on. */
export interface Tool {
  readonly server: SimulatedAgent;
  readonly name: string;
  readonly targets: readonly string[];
  /** Indexes of the tools that usually follow. */
  readonly next: readonly number[];
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly durationMs: number;
}

/** The simulated network. */
export interface World {
  readonly agents: readonly SimulatedAgent[];
  readonly flows: readonly Flow[];
  readonly byRole: Readonly<Record<Role, readonly SimulatedAgent[]>>;
}

type Role = 'front' | 'app' | 'store' | 'job' | 'device' | 'hub' | 'human' | 'llm' | 'tool' | 'outside';

export const agentsMin = 20;

// Shares of the network; services that everybody needs come out of the rest.
const shares: Record<Role, number> = {
  front: 0.05,
  app: 0.2,
  store: 0.07,
  job: 0.03,
  device: 0.3,
  hub: 0.01,
  human: 0.2,
  llm: 0.09,
  tool: 0.04,
  outside: 0.01,
};
const roles = Object.keys(shares) as Role[];
const made: Record<
  Role,
  readonly [kind: SimulatedAgent['kind'], zone: SimulatedAgent['zone'], name: string]
> = {
  front: ['service', 'dmz', 'front'],
  app: ['service', 'app', 'app'],
  store: ['service', 'data', 'store'],
  job: ['service', 'app', 'job'],
  device: ['device', 'devices', 'sensor'],
  hub: ['service', 'dmz', 'hub'],
  human: ['human', 'office', 'user'],
  llm: ['llm_agent', 'ai', 'assistant'],
  tool: ['tool', 'ai', 'tools'],
  outside: ['external', 'internet', 'partner'],
};

/**
 * Builds a network from a seed.
 *
 * @param random drawn from for everything
 * @param options.agents at least 20
 */
export function buildWorld(
  random: Random,
  options: { readonly agents: number; readonly days: number; readonly start: number },
): World {
  const make = agentFactory(random, options);
  const counts = countsOf(options.agents);
  const byRole = Object.fromEntries(
    roles.map((role) => {
      const [kind, zone, name] = made[role];
      return [role, Array.from({ length: counts[role] }, (_, i) => make(`${name}-${i + 1}`, kind, zone))];
    }),
  ) as Record<Role, SimulatedAgent[]>;
  const operations = operationsOf(random, byRole);
  const flows: Flow[] = [
    ...byRole.human.flatMap((human) => visitsOf(random, human, 'office', 4, operations)),
    ...byRole.outside.flatMap((partner) => visitsOf(random, partner, 'evening', 60, operations)),
    ...byRole.device.map((device) => pollOf(random, device, byRole.hub)),
    ...byRole.job.map((job) => jobOf(random, job, byRole.store)),
    ...byRole.llm.map((agent) => sessionsOf(random, agent, byRole.tool)),
  ];
  return { agents: roles.flatMap((role) => byRole[role]), flows, byRole };
}

function countsOf(agents: number): Record<Role, number> {
  const counts = Object.fromEntries(
    roles.map((role) => [role, Math.max(1, Math.floor(agents * shares[role]))]),
  ) as Record<Role, number>;
  const sum = roles.reduce((left, role) => left + counts[role], 0);
  counts.app += Math.max(1 - counts.app, agents - sum);
  return counts;
}

type Operation = readonly Omit<Step, 'source'>[];

const nouns = [
  'orders',
  'carts',
  'users',
  'invoices',
  'items',
  'quotes',
  'claims',
  'tickets',
  'routes',
  'reports',
];
const verbs = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];

function actionOf(random: Random): string {
  const verb = pick(random, verbs);
  return `${verb} /${pick(random, nouns)}${verb === 'POST' ? '' : '/{id}'}`;
}

/** What can be asked of each front service: a tree of calls over apps and their stores. */
function operationsOf(
  random: Random,
  byRole: World['byRole'],
): ReadonlyMap<SimulatedAgent, readonly Operation[]> {
  const ownStore = new Map(byRole.app.map((app) => [app, pick(random, byRole.store)]));
  const operationOf = (front: SimulatedAgent): Operation => {
    const steps: Omit<Step, 'source'>[] = [stepTo(random, front, { parent: -1, protocol: 'http', share: 1 })];
    for (let apps = Math.floor(between(random, 1, 4)); apps > 0; apps -= 1) {
      const app = pick(random, byRole.app);
      const parent = random.next() < 0.6 ? 0 : appParent(steps, random);
      steps.push(stepTo(random, app, { parent, protocol: 'grpc', share: between(random, 0.7, 1) }));
      const store = ownStore.get(app) ?? app;
      const share = between(random, 0.3, 1);
      steps.push(stepTo(random, store, { parent: steps.length - 1, protocol: 'tcp', share }));
    }
    return steps;
  };
  return new Map(
    byRole.front.map((front) => [
      front,
      Array.from({ length: Math.floor(between(random, 2, 6)) }, () => operationOf(front)),
    ]),
  );
}

function appParent(steps: readonly Omit<Step, 'source'>[], random: Random): number {
  const apps = steps.flatMap((step, i) => (step.protocol === 'grpc' ? [i] : []));
  return apps.length === 0 ? 0 : pick(random, apps);
}

function stepTo(
  random: Random,
  destination: SimulatedAgent,
  shape: Pick<Step, 'parent' | 'protocol' | 'share'>,
): Omit<Step, 'source'> {
  return {
    ...shape,
    destination,
    action: shape.protocol === 'tcp' ? pick(random, ['select', 'insert', 'update']) : actionOf(random),
    durationMs: logNormal(random, shape.protocol === 'tcp' ? 4 : 20, 0.6),
    bytesOut: Math.round(logNormal(random, 600, 0.7)),
    bytesIn: Math.round(logNormal(random, 4000, 1)),
  };
}

/** Whoever calls front services: a few operations each, in a rhythm of its own. */
function visitsOf(
  random: Random,
  caller: SimulatedAgent,
  rhythm: Rhythm,
  weight: number,
  operations: ReadonlyMap<SimulatedAgent, readonly Operation[]>,
): readonly Flow[] {
  const fronts = [...operations.keys()];
  return Array.from({ length: Math.floor(between(random, 1, 4)) }, () => {
    const operation = pick(random, operations.get(pick(random, fronts)) ?? []);
    const steps = operation.map((step): Step => {
      const source = step.parent < 0 ? caller : (operation[step.parent]?.destination ?? caller);
      return { ...step, source };
    });
    const dispersion = between(random, 0.05, 0.3);
    return { kind: 'request', rhythm, weight: logNormal(random, weight, 0.5), dispersion, steps };
  });
}

function pollOf(random: Random, device: SimulatedAgent, hubs: readonly SimulatedAgent[]): Flow {
  const periodMs = pick(random, [300, 600, 900, 1800]) * 1000;
  const step: Step = {
    ...stepTo(random, pick(random, hubs), { parent: -1, protocol: 'mqtt', share: 1 }),
    source: device,
    action: 'publish telemetry',
    bytesIn: 40,
  };
  return { kind: 'poll', periodMs, phaseMs: between(random, 0, periodMs), step };
}

function jobOf(random: Random, job: SimulatedAgent, stores: readonly SimulatedAgent[]): Flow {
  const step: Step = {
    ...stepTo(random, pick(random, stores), { parent: -1, protocol: 'tcp', share: 1 }),
    source: job,
    action: 'select batch',
    durationMs: 2000,
    bytesIn: Math.round(logNormal(random, 2_000_000, 0.5)),
  };
  return { kind: 'poll', periodMs: 3_600_000, phaseMs: between(random, 0, 3_600_000), step };
}

const toolNames = [
  'search',
  'read_file',
  'send_email',
  'query_table',
  'create_event',
  'post_message',
  'get_page',
];

function sessionsOf(random: Random, agent: SimulatedAgent, servers: readonly SimulatedAgent[]): Flow {
  const names = toolNames.filter(() => random.next() < 0.7);
  const count = Math.max(3, names.length);
  const tools = Array.from({ length: count }, (_, i): Tool => {
    const name = names[i] ?? pick(random, toolNames);
    return {
      server: pick(random, servers),
      name,
      targets: Array.from({ length: Math.floor(between(random, 2, 12)) }, () => targetOf(random, name)),
      next: Array.from({ length: 2 }, () => Math.floor(random.next() * count)),
      bytesOut: Math.round(logNormal(random, 300, 0.5)),
      bytesIn: Math.round(logNormal(random, 2500, 0.8)),
      durationMs: logNormal(random, 400, 0.5),
    };
  });
  return { kind: 'session', weight: logNormal(random, 3, 0.4), agent, tools };
}

function targetOf(random: Random, tool: string): string {
  const number = Math.floor(random.next() * 400);
  if (tool === 'get_page' || tool === 'search') return `site-${number}.example`;
  if (tool === 'query_table' || tool === 'read_file') return `table/${number}`;
  return `person-${number}@corp.example`;
}
