import { compilePolicy } from '#shared/policy/compile-policy.ts';
import { parsePolicy } from '#shared/policy/parse-policy.ts';
import { learnMatrix } from '#shared/posture/learned-matrix.ts';
import { whatIf } from '#shared/posture/what-if.ts';
import { createRegistry } from '#shared/registry/registry.ts';
import { postureStore } from '../support/posture-store.ts';
import { atMost, type BenchRow, reportRows } from './report.ts';

// What a question about a policy costs over ten million stored events: `npm run bench:policy`.
const events = 10_000_000;
const start = Date.UTC(2026, 9, 1);
const spanMs = 30 * 86_400_000;
const secondsMax = 10;

const policies: readonly (readonly [string, object])[] = [
  [
    'zones',
    { zones: { default: 'denied', rules: [{ from: ['zone-*'], to: ['zone-1'], verdict: 'allowed' }] } },
  ],
  [
    'zones, ports, actions, transport and identity',
    {
      zones: {
        default: 'denied',
        rules: [
          {
            from: ['*'],
            to: ['zone-1'],
            verdict: 'allowed',
            ports: [443],
            actions: ['GET *'],
            protocols: ['http'],
          },
        ],
      },
      tls: { plaintext: 'denied', version_min: 'TLSv1.2', mtls: 'required' },
      identity: { anonymous: 'denied', mfa_kinds: ['human'] },
    },
  ],
];

/** Ten million calls of 2,000 agents over 20,000 edges, made by the store itself. */
const fill = `
  INSERT INTO events (id, time, received_at, space, source, destination, source_kind, source_zone, destination_zone,
    protocol, destination_port, action, outcome, auth_method, tls_version, mtls, mfa)
  SELECT generateUUIDv4(), ${start} + intDiv(number * ${spanMs}, {events:UInt64}), toUnixTimestamp(now()) * 1000,
    'default', concat('agent-', toString(number % 2000)), concat('agent-', toString(intHash32(number % 20000) % 2000)),
    'service', concat('zone-', toString(number % 12)), concat('zone-', toString(intHash32(number % 20000) % 12)),
    'http', 443, concat(['GET', 'POST'][number % 2 + 1], ' /route-', toString(intHash32(number) % 40)), 'success',
    'mtls', 'TLSv1.3', 1, NULL
  FROM numbers({first:UInt64}, {count:UInt64})`;

async function run(): Promise<readonly BenchRow[]> {
  const { store, close } = await postureStore();
  const period = { space: 'default', from: start, to: start + spanMs };
  try {
    const step = 50_000; // each within the time that the store gives a query, also on a busy machine
    for (let first = 0; first < events; first += step)
      await store.command({ sql: fill, parameters: { first, count: step, events } });
    const rows: BenchRow[] = [];
    for (const [name, body] of policies) {
      const parsed = parsePolicy({ version: 1, ...body });
      if (!parsed.ok) throw new Error(parsed.faults.join('\n'));
      const scope = { policy: compilePolicy(parsed.policy), registry: createRegistry(), period };
      const { seconds, processorSeconds, answer } = await timed(() => whatIf(store, scope));
      if (answer.calls !== events) throw new Error(`judged ${answer.calls} of ${events} calls`);
      rows.push(atMost(`what-if: ${name}`, seconds, 's', secondsMax), processor(name, processorSeconds));
    }
    const { seconds } = await timed(() => learnMatrix(store, createRegistry(), period));
    return [...rows, atMost('learned matrix', seconds, 's', secondsMax)];
  } finally {
    await close();
  }
}

interface Timed<T> {
  readonly seconds: number;
  /** Of all cores together: what a busy machine does not change. */
  readonly processorSeconds: number;
  readonly answer: T;
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const before = performance.now();
  const usage = process.cpuUsage();
  const answer = await work();
  const { user, system } = process.cpuUsage(usage);
  return { seconds: (performance.now() - before) / 1000, processorSeconds: (user + system) / 1e6, answer };
}

function processor(name: string, value: number): BenchRow {
  return { name: `what-if: ${name}, processor time`, value, unit: 's', bar: null, met: null, anchor: null };
}

reportRows(await run(), process.argv);
