import type { AmissEvent } from '#shared/event.ts';
import { seededRandom } from '#shared/random.ts';
import { event, poisson, quietNetwork, streamStart } from './detector-stream.ts';

// Streams in which a statistic has something to tell, for each statistic one.

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * A quiet network whose calls have actions, resources, traces, sizes, durations and outcomes; with a flood, strangers,
 * a scan, a beacon, a walk and deeds that nobody does.
 */
export function* troubledNetwork(): Generator<AmissEvent> {
  let [n, end] = [0, 0];
  for (const one of quietNetwork(20_000, 17)) {
    n += 1;
    end = one.time;
    yield { ...one, ...ordinary(n), trace_id: `trace-${Math.floor(n / 3)}` };
    if (n % 1000 === 0) yield event(one.time, `stranger-${n}`, 'service-3', 1_000_000 + n);
  }
  const plainly = (minute: number, source: string, destination: string, i = 0) =>
    event(end + minute * minuteMs + i, source, destination, 2_000_000 + n++);
  for (let i = 0; i < 400; i += 1) yield plainly(1, 'service-1', 'service-2', i);
  for (let i = 0; i < 40; i += 1) yield plainly(2, 'service-4', `service-${i}`, i);
  for (let i = 0; i < 5; i += 1) {
    const { time } = plainly(20, 'x', 'y', i);
    yield { ...plainly(20, `late-${i}`, 'service-2', i), token_id: 't', token_expires_at: time - dayMs };
  }
  const walk = ['intruder', 'service-5', 'service-15', 'service-3'];
  for (const [i, from] of walk.slice(0, -1).entries()) yield plainly(25 + i, from, walk[i + 1] ?? '');
  for (const [i, action] of ['GET /orders', 'GET /stock', 'DELETE /orders'].entries())
    yield { ...plainly(30, 'service-6', 'service-7', i), action, trace_id: 'odd' };
  yield {
    ...plainly(31, 'service-6', 'service-7'),
    action: 'GET /orders',
    resources: ['order-0', 'payroll'],
  };
  for (let i = 0; i < 120; i += 1)
    yield { ...plainly(32, 'service-6', 'service-7', i), bytes_out: 40_000, bytes_in: 9000 };
  for (let i = 0; i < 25; i += 1) yield plainly(40 + 5 * i, 'service-8', 'outside');
}

function ordinary(n: number): Partial<AmissEvent> {
  const size = 500 + ((n * 7919) % 400) + (n % 997 === 0 ? 90_000 : 0);
  return {
    action: n % 3 === 0 ? 'GET /orders' : 'GET /stock',
    resources: [`order-${n % 7}`],
    bytes_out: size,
    bytes_in: 2 * size,
    duration_ms: size / 10,
    outcome: n % 61 === 0 || n % 5000 < 40 ? 'denied' : 'success',
  };
}

/** Office hours for four weeks, then a Sunday night; and an agent that stops while others go on. */
function* quietWeeks(): Generator<AmissEvent> {
  let n = 0;
  for (let minute = 0; minute < (29 * dayMs) / minuteMs; minute += 5) {
    const time = streamStart + minute * minuteMs;
    const hour = (minute / 60) % 24;
    const isOffice = hour >= 8 && hour < 18 && new Date(time).getUTCDay() % 6 !== 0;
    n += 1;
    yield event(time, 'clockwork', 'store', n);
    if (minute < (20 * dayMs) / minuteMs) yield event(time, 'patient', 'store', n);
    if (isOffice) yield event(time, 'clerk', 'store', n);
  }
  const sunday = streamStart + 27 * dayMs + 3 * 60 * minuteMs;
  yield event(sunday + 2 * dayMs, 'clerk', 'store', n + 1);
}

/** Agents that do as much every day, but for one that does a twentieth more from day to day. */
function* growingDays(): Generator<AmissEvent> {
  const random = seededRandom(5);
  let n = 0;
  for (let day = 0; day < 55; day += 1) {
    for (let agent = 0; agent < 8; agent += 1) {
      const mean = agent === 3 && day >= 25 ? 40 * 1.05 ** (day - 25) : 40;
      for (let i = poisson(mean, random); i > 0; i -= 1) {
        n += 1;
        const time = streamStart + day * dayMs + agent * minuteMs + i * 1000;
        yield { ...event(time, `worker-${agent}`, 'store', n), bytes_out: 500 };
      }
    }
  }
}

/** Sessions of a language model with a mail tool, and one in which an answer is strange, and then the recipient. */
function* toolSessions(): Generator<AmissEvent> {
  for (let n = 0; n < 600; n += 1) {
    const time = streamStart + n * 10 * minuteMs;
    const isTurned = n === 590;
    const call = { source_kind: 'llm_agent', protocol: 'mcp', session: `session-${n}` } as const;
    const calls = { ...event(time, 'assistant', 'mail', n), ...call };
    yield { ...calls, action: 'tools/call:read', bytes_in: isTurned ? 90_000 : 1000 + (n % 5) };
    const to = isTurned ? 'stranger@evil.example' : `colleague-${n % 4}@corp.example`;
    yield { ...calls, time: time + 1000, action: 'tools/call:send', resources: [to], bytes_in: 200 };
  }
}

/** Calls of a page to a shop, which becomes five times as slow. */
function* slowShop(): Generator<AmissEvent> {
  for (let n = 0; n < 600; n += 1) {
    const duration = (20 + (n % 7)) * (n < 500 ? 1 : 5);
    const call = event(streamStart + n * 5000, 'page', 'shop', n);
    yield { ...call, action: 'GET /cart', trace_id: `trace-${n}`, duration_ms: duration };
  }
}

const special: Readonly<Record<string, () => Generator<AmissEvent>>> = {
  silence: quietWeeks,
  'rare-hour': quietWeeks,
  'slow-agent': slowShop,
  'slow-ramp': growingDays,
  'turned-session': toolSessions,
};

/** A stream in which the statistic of this name has something to tell. */
export function tellingStream(detector: string): Generator<AmissEvent> {
  return (special[detector] ?? troubledNetwork)();
}
