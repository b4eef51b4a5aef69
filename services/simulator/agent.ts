import type { AgentKind } from '#shared/event.ts';
import type { Random } from '#shared/random.ts';
import { between, normal } from './draws.ts';

export type Zone = 'dmz' | 'app' | 'data' | 'ai' | 'devices' | 'office' | 'internet';

/** One agent of the simulated network. */
export interface SimulatedAgent {
  readonly id: string;
  readonly kind: AgentKind;
  readonly zone: Zone;
  readonly address: string;
  /** How far its clock is ahead, ms. */
  readonly skewMs: number;
  /** In time order; the first one is before the beginning. */
  readonly deployments: readonly Deployment[];
  /** Times at which it restarts, and for how long it is away. */
  readonly restarts: readonly { readonly from: number; readonly to: number }[];
}

export interface Deployment {
  readonly at: number;
  readonly version: string;
  /** Each version is a little faster or slower than the one before. */
  readonly latencyFactor: number;
}

const dayMs = 86_400_000;
const skewMsSigma = 150; // NTP over a wide-area network holds a clock to about this
const straySkewMs = 2500; // one clock in fifty is not held at all
const zoneNetworks: Record<Zone, string> = {
  dmz: '10.1',
  app: '10.2',
  data: '10.3',
  ai: '10.4',
  devices: '10.5',
  office: '10.6',
  internet: '203.0',
};

/** Makes agents with addresses, clocks, deployments and restarts of their own. */
export function agentFactory(random: Random, span: { readonly start: number; readonly days: number }) {
  const members = new Map<Zone, number>();
  return (id: string, kind: AgentKind, zone: Zone): SimulatedAgent => {
    const number = (members.get(zone) ?? 0) + 1;
    members.set(zone, number);
    const isSoftware = kind === 'service' || kind === 'llm_agent' || kind === 'application';
    const stray = random.next() < 0.02 ? between(random, -straySkewMs, straySkewMs) : 0;
    return {
      id,
      kind,
      zone,
      address: `${zoneNetworks[zone]}.${(number >> 8) & 255}.${number & 255}`,
      skewMs: Math.round(normal(random) * skewMsSigma + stray),
      deployments: deploymentsOf(random, span, isSoftware),
      restarts: isSoftware ? restartsOf(random, span) : [],
    };
  };
}

/** A working day's deployment every ten days or so. */
function deploymentsOf(
  random: Random,
  span: { readonly start: number; readonly days: number },
  isSoftware: boolean,
): readonly Deployment[] {
  const major = Math.floor(between(random, 1, 5));
  let minor = Math.floor(between(random, 0, 30));
  const deployments = [{ at: 0, version: `${major}.${minor}.0`, latencyFactor: 1 }];
  if (!isSoftware) return deployments;
  for (let day = between(random, 0, 14); day < span.days; day += between(random, 6, 14)) {
    const date = Math.floor(day);
    const at = span.start + date * dayMs + between(random, 9, 16) * 3_600_000;
    minor += 1;
    const latencyFactor = Math.exp(0.08 * normal(random));
    deployments.push({ at, version: `${major}.${minor}.0`, latencyFactor });
  }
  return deployments;
}

/** A restart a week or so, of half a minute or so. */
function restartsOf(random: Random, span: { readonly start: number; readonly days: number }) {
  const restarts: { from: number; to: number }[] = [];
  for (let day = between(random, 0, 14); day < span.days; day += between(random, 3, 14)) {
    const from = span.start + day * dayMs;
    restarts.push({ from, to: from + between(random, 10_000, 50_000) });
  }
  return restarts;
}

/** The deployment that runs at a time. */
export function deploymentAt(agent: SimulatedAgent, time: number): Deployment {
  let current = agent.deployments[0] ?? { at: 0, version: '1.0.0', latencyFactor: 1 };
  for (const deployment of agent.deployments) if (deployment.at <= time) current = deployment;
  return current;
}

export function isRestarting(agent: SimulatedAgent, time: number): boolean {
  return agent.restarts.some(({ from, to }) => time >= from && time < to);
}
