import type { Outcome } from '#shared/event.ts';
import type { Random } from '#shared/random.ts';
import { deploymentAt, isRestarting, type SimulatedAgent } from './agent.ts';
import type { Call } from './call.ts';
import { between, exponential, hex, logNormal, pick, poisson, unitGamma } from './draws.ts';
import { rhythmAt } from './rhythm.ts';
import type { Flow, Step, Tool, World } from './world.ts';

const hourMs = 3_600_000;

/** What everybody does when nothing is amiss, block by block. */
export interface Background {
  /** All calls that begin within [from, to); those they lead to may come a little after `to`. */
  block(from: number, to: number): readonly Call[];
}

/**
 * @param options.callsPerAgentDay how many events an agent causes on an average day
 * @param options.load multiple of the usual rates at a time
 */
export function createBackground(
  world: World,
  random: Random,
  options: { readonly callsPerAgentDay: number; readonly load: (time: number) => number },
): Background {
  const unit = unitRate(world, options.callsPerAgentDay);
  return {
    block: (from, to) => {
      const block = { random, unit: unit * options.load(from), from, to };
      return world.flows.flatMap((flow) => callsOf(flow, block));
    },
  };
}

interface Block {
  readonly random: Random;
  /** Starts an hour of a flow of weight 1. */
  readonly unit: number;
  readonly from: number;
  readonly to: number;
}

/** Scales the weights so that polls, requests and sessions make the asked number of calls together. */
function unitRate(world: World, callsPerAgentDay: number): number {
  const wanted = (world.agents.length * callsPerAgentDay) / 24;
  let polls = 0;
  let perUnit = 0;
  for (const flow of world.flows) {
    if (flow.kind === 'poll') polls += hourMs / flow.periodMs;
    else perUnit += flow.weight * (flow.kind === 'request' ? expectedCalls(flow.steps) : sessionCallsMean);
  }
  return Math.max(0.1, (wanted - polls) / perUnit);
}

function expectedCalls(steps: readonly Step[]): number {
  const shares: number[] = [];
  for (const step of steps) shares.push(step.share * (step.parent < 0 ? 1 : (shares[step.parent] ?? 1)));
  return shares.reduce((left, right) => left + right, 0);
}

function callsOf(flow: Flow, block: Block): readonly Call[] {
  switch (flow.kind) {
    case 'request':
      return requestCalls(flow, block);
    case 'poll':
      return pollCalls(flow, block);
    case 'session':
      return startsIn(block, flow.weight * rhythmAt('office', block.from)).flatMap((start) =>
        sessionCalls(flow.agent, flow.tools, start, block.random),
      );
    default:
      return flow satisfies never;
  }
}

function requestCalls(flow: Extract<Flow, { kind: 'request' }>, block: Block): readonly Call[] {
  const busy = rhythmAt(flow.rhythm, block.from) * unitGamma(block.random, flow.dispersion);
  return startsIn(block, flow.weight * busy).flatMap((start) => traceCalls(flow.steps, start, block.random));
}

/** Memoryless starts within the block at `rate` units. */
function startsIn({ random, unit, from, to }: Block, rate: number): readonly number[] {
  const count = poisson(random, (rate * unit * (to - from)) / hourMs);
  return Array.from({ length: count }, () => between(random, from, to));
}

function pollCalls(flow: Extract<Flow, { kind: 'poll' }>, { random, from, to }: Block): readonly Call[] {
  const calls: Call[] = [];
  const first = Math.ceil((from - flow.phaseMs) / flow.periodMs);
  for (let n = first; flow.phaseMs + n * flow.periodMs < to; n += 1) {
    const time = flow.phaseMs + n * flow.periodMs + between(random, 0, flow.periodMs * 0.02);
    calls.push(...traceCalls([flow.step], time, random));
  }
  return calls;
}

const retryShare = 0.5;
const retryMsMean = 400;

/** The calls of one trace: nested in time, with errors, and a second try of some that failed. */
export function traceCalls(steps: readonly Step[], start: number, random: Random): readonly Call[] {
  const traceId = hex(random, 16);
  const calls: Call[] = [];
  const startOf: number[] = [];
  steps.forEach((step, i) => {
    const parentStart = step.parent < 0 ? start : startOf[step.parent];
    startOf[i] = Number.NaN;
    if (parentStart === undefined || Number.isNaN(parentStart) || random.next() >= step.share) return;
    const time = parentStart + (step.parent < 0 ? 0 : exponential(random, 5));
    startOf[i] = time;
    const call = attempt(step, time, traceId, random);
    calls.push(call);
    if (call.outcome !== 'success') {
      if (random.next() < retryShare) {
        const again = time + call.durationMs + exponential(random, retryMsMean);
        calls.push(attempt(step, again, traceId, random));
      } else startOf[i] = Number.NaN; // what failed calls nobody
    }
  });
  return calls;
}

const errorShare = 0.003;
const deniedShare = 0.001;
const timeoutMs = 3000;

function attempt(step: Step, time: number, traceId: string, random: Random): Call {
  const { source, destination, protocol, action } = step;
  const outcome = outcomeOf(destination, time, random);
  const factor = deploymentAt(destination, time).latencyFactor * (outcome === 'success' ? 1 : 0.3);
  return {
    time,
    source,
    destination,
    protocol,
    action,
    outcome,
    durationMs: outcome === 'timeout' ? timeoutMs : logNormal(random, step.durationMs * factor, 0.35),
    bytesOut: logNormal(random, step.bytesOut, 0.3),
    bytesIn: outcome === 'success' ? logNormal(random, step.bytesIn, 0.4) : 120,
    traceId,
  };
}

function outcomeOf(destination: SimulatedAgent, time: number, random: Random): Outcome {
  const chance = random.next();
  if (isRestarting(destination, time)) return chance < 0.7 ? 'timeout' : 'success';
  if (chance < errorShare) return 'error';
  return chance < errorShare + deniedShare ? 'denied' : 'success';
}

const sessionCallsMean = 6;
const habit = 0.75; // how often the usual tool follows
const newTargetShare = 0.02;

/** One task of an LLM agent: a few tool calls, each usually followed by one of two others. */
export function sessionCalls(
  agent: SimulatedAgent,
  tools: readonly Tool[],
  start: number,
  random: Random,
): readonly Call[] {
  const session = hex(random, 16);
  const calls: Call[] = [];
  let time = start;
  let tool = pick(random, tools);
  for (let left = 1 + poisson(random, sessionCallsMean - 1); left > 0; left -= 1) {
    const outcome = outcomeOf(tool.server, time, random);
    const durationMs = logNormal(random, tool.durationMs, 0.4);
    calls.push({
      time,
      source: agent,
      destination: tool.server,
      protocol: 'mcp',
      action: `tools/call:${tool.name}`,
      outcome,
      durationMs,
      bytesOut: logNormal(random, tool.bytesOut, 0.4),
      bytesIn: outcome === 'success' ? logNormal(random, tool.bytesIn, 0.6) : 80,
      session,
      resources: [targetOf(tool, random)],
    });
    time += durationMs + exponential(random, 4000);
    tool = random.next() < habit ? (tools[pick(random, tool.next)] ?? tool) : pick(random, tools);
  }
  return calls;
}

/** Mostly the first few of a tool's targets; now and then somebody new. */
function targetOf(tool: Tool, random: Random): string {
  if (random.next() < newTargetShare) return `person-${400 + Math.floor(random.next() * 4000)}@corp.example`;
  return tool.targets[Math.floor(tool.targets.length * random.next() ** 2)] ?? pick(random, tool.targets);
}
