import type { AmissEvent } from '#shared/event.ts';
import { type Random, seededRandom } from '#shared/random.ts';
import { logNormal, poisson } from '../../../../services/simulator/draws.ts';
import { networkStart } from './network-run.ts';
import { createRestaurant } from './null-streams.ts';

const spanMs = 43_200_000; // half a day: the busiest service is asked every few seconds
const takersEach = 40; // models, and services
const gates = 5; // who asks the services
const tools = 12;
const questions = 3; // that a service is asked
const deeds = 8; // that it may do for them
const callsMean = 4; // of a task, beside its first
const gapMs = 2000; // between the calls of a model, on average
const typical = { ownMs: 20, storeMs: 5, answerBytes: 2000, spread: 0.5 };
/** A deed that lies n places off the usual one is n to this power times rarer: workflows hardly ever stray. */
const straying = 4;

type Task = (start: number, name: string) => readonly AmissEvent[];

/**
 * Tasks in which nothing is amiss: half of them sessions of language models that call tools, the other half requests
 * to services, which call stores for them within one trace. Which tool and which target, how long the answer, what
 * follows what and how long it takes are drawn from distributions that never change; tasks begin independently.
 *
 * @param events about how many
 */
export function nullTasks(events: number, seed: number): readonly AmissEvent[] {
  const random = seededRandom(seed);
  const ranks = Array.from({ length: takersEach }, (_, i) => i);
  const takers = [
    ...ranks.map((i) => ({ share: 1 / (i + 1), task: sessionOf(`model-${i}`, random) })),
    ...ranks.map((i) => ({ share: 1 / (i + 1), task: requestTo(`service-${i}`, random) })),
  ];
  const all = takers.reduce((sum, { share }) => sum + share, 0);
  const made: AmissEvent[] = [];
  for (const [i, { share, task }] of takers.entries()) {
    const tasks = Math.round((events * share) / all / (callsMean + 1));
    for (let n = 0; n < tasks; n += 1)
      made.push(...task(networkStart + Math.floor(random.next() * spanMs), `task-${i}-${n}`));
  }
  return made
    .sort((left, right) => left.time - right.time)
    .map((event, n) => ({ ...event, id: String(n), received_at: event.time }));
}

/** A model calls tools, one after another, each on something that it mostly had before. */
function sessionOf(source: string, random: Random): Task {
  const target = createRestaurant(random, () => `target-${Math.floor(random.next() * 1e9)}`);
  return (start, session) => {
    let time = start;
    return Array.from({ length: 1 + poisson(random, callsMean) }, () => {
      const tool = rankOf(random, 1, tools);
      time += Math.round(gapMs * (0.5 + random.next()));
      return {
        ...calm,
        time,
        source,
        destination: 'toolbox',
        source_kind: 'llm_agent',
        destination_kind: 'tool',
        protocol: 'mcp',
        action: `tools/call:tool-${tool}`,
        resources: [target()],
        session,
        bytes_in: Math.round(logNormal(random, typical.answerBytes * tool, typical.spread)),
      };
    });
  };
}

/** A gate asks a service, which does one thing after another in an order of its own, and waits for each. */
function requestTo(service: string, random: Random): Task {
  const turn = Math.floor(random.next() * deeds);
  return (start, trace) => {
    const question = rankOf(random, 1, questions);
    const ownMs = Math.round(logNormal(random, typical.ownMs, typical.spread));
    let time = start + Math.round(ownMs / 2);
    let deed = question;
    const calls = Array.from({ length: poisson(random, callsMean) }, () => {
      deed = (deed + turn + rankOf(random, straying, deeds)) % deeds;
      const ms = Math.round(logNormal(random, typical.storeMs, typical.spread));
      time += ms;
      return callTo(`store-${deed}`, { time: time - ms, duration_ms: ms, source: service, trace_id: trace });
    });
    const waited = calls.reduce((sum, { duration_ms: ms = 0 }) => sum + ms, 0);
    const source = `gate-${Math.floor(random.next() * gates)}`;
    const request = { time: start, duration_ms: ownMs + waited, source, trace_id: trace };
    return [{ ...callTo(service, request), action: `ask-${question}` }, ...calls];
  };
}

const calm = { id: '', received_at: 0, space: 'default', outcome: 'success' } as const;

const callTo = (
  destination: string,
  facts: Pick<AmissEvent, 'time' | 'duration_ms' | 'source' | 'trace_id'>,
): AmissEvent => ({
  ...calm,
  ...facts,
  destination,
  source_kind: 'service',
  destination_kind: 'service',
  protocol: 'http',
  action: `to ${destination}`,
});

/** A number from 1 on; so many or more with 1 / n to this power. */
const rankOf = (random: Random, power: number, max: number): number =>
  Math.min(max, Math.floor((1 - random.next()) ** (-1 / power)));
