import type { Technique } from '#shared/alert.ts';
import type { Decision } from '#shared/decision.ts';
import { AppError } from '#shared/errors.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import type { Attack, PlannedAttack } from './attacks/attack.ts';
import { attacks as catalogue } from './attacks/index.ts';
import { createBackground } from './background.ts';
import { type Call, type NativeEvent, toEvent } from './call.ts';
import { decisionsOf } from './declarations.ts';
import { createRenewal } from './renewal.ts';
import { agentsMin, buildWorld, type World } from './world.ts';

export interface SimulateOptions {
  /** Agents of the network, at least 20. */
  readonly agents: number;
  readonly days: number;
  /** The same seed, the same events, byte for byte. */
  readonly seed: number;
  /** Names from the catalogue; `[]` is a quiet network. */
  readonly attacks: readonly string[];
  /** First moment, UTC ms. Monday 2026-01-05 unless given. */
  readonly start?: number;
  /** How often each attack happens. Once unless given. */
  readonly times?: number;
  /** The share of the span in which nothing happens, so that a baseline can be learned. Half unless given. */
  readonly quietShare?: number;
  /** Events that an agent causes on an average day. 120 unless given. */
  readonly callsPerAgentDay?: number;
  /** How busy the network is at a time, as a multiple of its usual traffic; what goes by a clock stays. 1 unless given. */
  readonly load?: (time: number) => number;
  /** The share of the agents that is replaced by newcomers each day, in [0, 1). None unless given. */
  readonly renewedADay?: number;
}

/** One attack that will be in the stream: what a detector has to find, and when. */
export interface AttackInstance {
  /** Its number in the stream, from 1; the label of its events. */
  readonly instance: number;
  readonly attack: string;
  readonly techniques: readonly Technique[];
  readonly from: number;
  readonly to: number;
  readonly agents: readonly string[];
}

/** An event, and apart from it what a detector must not see. */
interface SimulatedEvent {
  readonly event: NativeEvent;
  /** The attack instance that it is part of; 0 where it is ordinary. */
  readonly instance: number;
}

export interface Simulation {
  readonly instances: readonly AttackInstance[];
  /** Policy and registry of the network, as its owner would have decided them before the first event. */
  readonly decisions: readonly Decision[];
  /** In the order in which the network's log would have them: true time, which clocks follow but roughly. */
  readonly events: Generator<SimulatedEvent>;
}

const defaultStart = Date.UTC(2026, 0, 5);
const blockMs = 10 * 60_000; // what is held in memory at a time
const dayMs = 86_400_000;

/** The names that `attacks` may hold. */
export const attackNames: readonly string[] = catalogue.map((attack) => attack.name);

/**
 * A network of services, devices, people, LLM agents and tools, and what attackers do in it, as a stream of labelled
 * events. Memory holds ten minutes of it, however long it is.
 *
 * @throws {AppError} USAGE: an unknown attack, or a network too small
 */
export function simulate(options: SimulateOptions): Simulation {
  const chosen = options.attacks.map(attackNamed);
  if (options.agents < agentsMin) throw new AppError('USAGE', `a network has at least ${agentsMin} agents`);
  if (!(options.days > 0)) throw new AppError('USAGE', 'a simulation takes more than 0 days');
  const start = options.start ?? defaultStart;
  const random = seededRandom(options.seed);
  const world = buildWorld(random, { agents: options.agents, days: options.days, start });
  const plans = planAttacks(chosen, world, { ...options, start });
  const background = createBackground(world, random, {
    callsPerAgentDay: options.callsPerAgentDay ?? 120,
    load: options.load ?? (() => 1),
  });
  const share = options.renewedADay ?? 0;
  const stream = merged({ plans, start, end: start + options.days * dayMs }, background.block);
  return {
    instances: plans.map(({ instance }) => instance),
    decisions: decisionsOf(world.agents, { time: start, isRenewed: share > 0 }),
    events: unheld(stream, share > 0 ? createRenewal({ seed: options.seed, share, start }) : asItIs),
  };
}

function attackNamed(name: string): Attack {
  const attack = catalogue.find((candidate) => candidate.name === name);
  if (attack !== undefined) return attack;
  throw new AppError('USAGE', `no attack is named ${name}; known: ${attackNames.join(', ')}`);
}

interface Plan {
  readonly instance: AttackInstance;
  readonly planned: PlannedAttack;
}

/** Spreads the attacks evenly over the time after the quiet, each with a chance of its own. */
function planAttacks(
  chosen: readonly Attack[],
  world: World,
  options: SimulateOptions & { readonly start: number },
): readonly Plan[] {
  const queue = Array.from({ length: options.times ?? 1 }, () => chosen).flat();
  const quiet = options.days * dayMs * (options.quietShare ?? 0.5);
  const step = (options.days * dayMs - quiet) / Math.max(1, queue.length);
  return queue.map((attack, i) => {
    // A stream of its own: another attack more or less changes neither the others nor the ordinary traffic.
    const random: Random = seededRandom(options.seed * 7919 + i + 1);
    const from = options.start + quiet + step * (i + random.next() * 0.5);
    const planned = attack.plan({ world, random, start: from });
    const { name, techniques } = attack;
    const instance = {
      instance: i + 1,
      attack: name,
      techniques,
      from,
      to: planned.to,
      agents: planned.agents,
    };
    return { planned, instance };
  });
}

interface Held extends SimulatedEvent {
  /** True time, ms: what orders the stream. */
  readonly at: number;
}

const asItIs = (event: NativeEvent) => event;

function* unheld(
  stream: Iterable<Held>,
  rename: (event: NativeEvent, at: number) => NativeEvent,
): Generator<SimulatedEvent> {
  for (const { event, instance, at } of stream) yield { event: rename(event, at), instance };
}

/** Ordinary and hostile events in one stream, block by block; what a block begins may end in the next. */
function* merged(
  span: { readonly plans: readonly Plan[]; readonly start: number; readonly end: number },
  ordinary: (from: number, to: number) => readonly Call[],
): Generator<Held> {
  const hostile = span.plans.map(hostileEvents);
  let held: Held[] = [];
  for (let from = span.start; from < span.end; from += blockMs) {
    const to = Math.min(from + blockMs, span.end);
    for (const call of ordinary(from, to)) {
      const disturbed = disturb(toEvent(call), span.plans);
      if (disturbed !== undefined) held.push({ ...disturbed, at: call.time });
    }
    for (const until of hostile) held.push(...until(to));
    held.sort((left, right) => left.at - right.at);
    const unripe = held.findIndex(({ at }) => at >= to);
    const ripe = held.slice(0, unripe < 0 ? held.length : unripe);
    yield* ripe;
    held = held.slice(ripe.length);
  }
}

/** The events of one attack, as a function that gives those before a time that were not yet given. */
function hostileEvents({ instance: { instance }, planned }: Plan): (to: number) => Generator<Held> {
  const events = planned.events[Symbol.iterator]();
  let next = events.next();
  return function* until(to) {
    for (; next.done !== true && next.value.time < to; next = events.next()) {
      yield { event: next.value, instance, at: next.value.time };
    }
  };
}

function disturb(event: NativeEvent, plans: readonly Plan[]): SimulatedEvent | undefined {
  for (const { instance, planned } of plans) {
    if (planned.disturb === undefined || event.time < instance.from || event.time >= instance.to) continue;
    const disturbed = planned.disturb(event);
    if (disturbed === undefined) return undefined;
    if (disturbed !== event) return { event: disturbed, instance: instance.instance };
  }
  return { event, instance: 0 };
}
