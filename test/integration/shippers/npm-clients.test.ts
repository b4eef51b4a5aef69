import { createRequire } from 'node:module';
import { Client as ElasticClient } from '@elastic/elasticsearch';
import { FluentClient } from '@fluent-org/logger';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as GrpcSpans } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonSpans } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoSpans } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Client as ElasticClient8 } from 'elasticsearch-8';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { distinctIds, eventsOf, type ShipperScene, startShipperScene } from '../../support/shipper-scene.ts';

// Neither of the two brings types.
const require = createRequire(import.meta.url);

let scene: ShipperScene;
beforeAll(async () => {
  scene = await startShipperScene();
});
afterAll(() => scene.stop());

const count = 20;
const auth = { username: 'elastic', password: 'changeme' };
const host = '127.0.0.1';
const clientKind = 2; // SpanKind.CLIENT of @opentelemetry/api

describe('@elastic/elasticsearch', () => {
  const versions = [
    ['9', (node: string) => new ElasticClient({ node, auth }), 'elastic-nine'],
    ['8', (node: string) => new ElasticClient8({ node, auth }) as unknown as ElasticClient, 'elastic-eight'],
  ] as const;

  test.each(versions)(
    'version %s delivers through its bulk helper, on the main port and on its own',
    async (_version, clientAt, prefix) => {
      const nodes = [`${scene.collector.address}/elastic`, `http://${host}:${scene.ports.elastic}`];
      for (const [i, node] of nodes.entries()) {
        const client = clientAt(node);
        expect(await client.ping()).toBe(true);
        const result = await client.helpers.bulk({
          datasource: eventsOf(`${prefix}-${i}`, count),
          onDocument: () => ({ create: { _index: 'logs' } }),
        });
        expect(result).toMatchObject({ total: count, failed: 0, successful: count });
        await client.close();
      }
      expect(await scene.arrived(prefix, 2 * count)).toHaveLength(2 * count);
    },
  );

  test('waits while the log is full, and every record arrives once', async () => {
    const client = new ElasticClient({ node: `http://${host}:${scene.ports.elastic}` });
    scene.gate.shut('LOG_FULL');
    const delivery = client.helpers.bulk({
      datasource: eventsOf('elastic-waits', count),
      onDocument: () => ({ create: { _index: 'logs' } }),
    });
    await untilRefused();
    scene.gate.open();
    expect(await delivery).toMatchObject({ successful: count, failed: 0 });
    await client.close();
    expect(distinctIds(await scene.arrived('elastic-waits', count))).toBe(count);
  });
});

describe('splunk-logging', () => {
  interface SplunkLogger {
    send(
      context: { message: unknown },
      done?: (error: unknown, response: unknown, body: unknown) => void,
    ): void;
    flush(done: (error: unknown, response: unknown, body: unknown) => void): void;
  }
  const { Logger } = require('splunk-logging') as {
    Logger: new (options: object) => SplunkLogger;
  };

  test('delivers its events', async () => {
    const logger = new Logger({ token: 'any', url: `http://${host}:${scene.ports.hec}`, maxBatchCount: 0 });
    for (const event of eventsOf('splunk', count)) logger.send({ message: event });
    const body = await new Promise((resolve, reject) => {
      logger.flush((error, _response, answer) => (error ? reject(error) : resolve(answer)));
    });
    expect(body).toMatchObject({ text: 'Success', code: 0 });
    expect(distinctIds(await scene.arrived('splunk', count))).toBe(count);
  });
});

describe('OpenTelemetry SDK', () => {
  const exporters = [
    [
      'protobuf',
      (port: { otlp_http: number }) => new ProtoLogs({ url: `http://${host}:${port.otlp_http}/v1/logs` }),
    ],
    [
      'JSON',
      (port: { otlp_http: number }) => new JsonLogs({ url: `http://${host}:${port.otlp_http}/v1/logs` }),
    ],
    ['gRPC', (port: { otlp_grpc: number }) => new GrpcLogs({ url: `http://${host}:${port.otlp_grpc}` })],
  ] as const;

  test.each(exporters)('exports logs as %s', async (name, exporterAt) => {
    const prefix = `otel-${name.toLowerCase()}`;
    await exportLogs(prefix, exporterAt(scene.ports));
    expect(distinctIds(await scene.arrived(prefix, count))).toBe(count);
  });

  const spanExporters = [
    [
      'protobuf',
      (port: { otlp_http: number }) => new ProtoSpans({ url: `http://${host}:${port.otlp_http}/v1/traces` }),
    ],
    [
      'JSON',
      (port: { otlp_http: number }) => new JsonSpans({ url: `http://${host}:${port.otlp_http}/v1/traces` }),
    ],
    ['gRPC', (port: { otlp_grpc: number }) => new GrpcSpans({ url: `http://${host}:${port.otlp_grpc}` })],
  ] as const;

  test.each(spanExporters)('exports spans as %s, each a call of its service', async (name, exporterAt) => {
    const service = `spans-${name.toLowerCase()}`;
    await exportSpans(service, exporterAt(scene.ports));
    const events = await scene.arrived(service, count);
    expect(events).toHaveLength(count);
    expect(distinctIds(events)).toBe(count);
    for (const event of events) {
      expect(event).toMatchObject({
        source: service,
        destination: 'orders',
        action: 'GET',
        protocol: 'http',
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
    }
  });

  test('a service without a name is known as the SDK calls it', async () => {
    await exportSpans(
      undefined,
      new JsonSpans({ url: `http://${host}:${scene.ports.otlp_http}/v1/traces` }),
      1,
    );
    expect(await scene.arrived('unknown_service', 1)).toHaveLength(1);
  });

  test('the gRPC exporter waits while the log is full, and every record arrives once', async () => {
    scene.gate.shut('LOG_FULL');
    const exported = exportLogs(
      'otel-waits',
      new GrpcLogs({ url: `http://${host}:${scene.ports.otlp_grpc}` }),
      1,
    );
    await untilRefused();
    scene.gate.open();
    await exported;
    expect(distinctIds(await scene.arrived('otel-waits', 1))).toBe(1);
  });
});

async function exportLogs(prefix: string, exporter: ProtoLogs | GrpcLogs, records = count): Promise<void> {
  const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('test');
  for (const event of eventsOf(prefix, records)) {
    logger.emit({ body: JSON.stringify(event), timestamp: event.time });
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** Client spans of one service; without its name the SDK gives one. */
async function exportSpans(
  service: string | undefined,
  exporter: ProtoSpans | GrpcSpans,
  spans = count,
): Promise<void> {
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    ...(service === undefined ? {} : { resource: resourceFromAttributes({ 'service.name': service }) }),
  });
  const tracer = provider.getTracer('test');
  for (let i = 0; i < spans; i += 1) {
    const attributes = { 'server.address': 'orders', 'http.request.method': 'GET' };
    tracer.startSpan('GET', { kind: clientKind, attributes }).end();
  }
  await provider.forceFlush();
  await provider.shutdown();
}

describe('@fluent-org/logger', () => {
  test.each(['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'] as const)(
    'delivers in %s mode and gets its acknowledgements',
    async (eventMode) => {
      const prefix = `fluent-${eventMode.toLowerCase()}`;
      const client = new FluentClient('app', {
        eventMode,
        socket: { host, port: scene.ports.forward, timeout: 10_000 },
        ack: { ackTimeout: 10_000 },
      });
      await Promise.all(eventsOf(prefix, count).map((event) => client.emit(event)));
      await client.shutdown();
      expect(distinctIds(await scene.arrived(prefix, count))).toBe(count);
    },
  );
});

describe('@fluent-org/logger with a shared key', () => {
  const shippers = [
    { name: 'edge', agents: ['keyed-*'], space: 'shop', addresses: [], shared_key: 'a shared key' },
  ];
  const clientFor = (port: number, sharedKey: string) =>
    new FluentClient('app', {
      socket: { host, port, timeout: 2_000 },
      security: { clientHostname: 'web-1', sharedKey },
      ack: { ackTimeout: 2_000 },
      disconnect: { waitForPending: false, waitForPendingDelay: 0, socketDisconnectDelay: 0 },
    });

  test('delivers when it knows the key, and is known by it', async () => {
    const keyed = await startShipperScene({ shippers });
    const client = clientFor(keyed.ports.forward, 'a shared key');
    await Promise.all(eventsOf('keyed', count).map((event) => client.emit(event)));
    await client.shutdown();
    const events = await keyed.arrived('keyed', count);
    expect(new Set(events.map(({ shipper, space }) => `${shipper} ${space}`))).toEqual(
      new Set(['edge shop']),
    );
    await keyed.stop();
  });

  test('delivers nothing when it does not', async () => {
    const keyed = await startShipperScene({ shippers });
    const client = clientFor(keyed.ports.forward, 'another key');
    const [event] = eventsOf('keyed', 1);
    const answer = client.emit(event ?? {}).then(
      () => 'delivered',
      () => 'refused',
    );
    const rejects = async () => (await keyed.collector.rejects()).map(({ reason }) => reason);
    await expect.poll(rejects, { timeout: 10_000 }).toEqual(['the shared key is not known']);
    await client.shutdown().catch(() => {});
    expect(await Promise.race([answer, 'still waiting'])).not.toBe('delivered');
    expect(await keyed.collector.events()).toEqual([]);
    await keyed.stop();
  });
});

describe('syslog-client', () => {
  const { createClient, Transport } = require('syslog-client') as {
    createClient(host: string, options: object): { log(text: string): void; close(): void };
    readonly Transport: { readonly Tcp: number };
  };

  test('delivers over TCP, and what came while the log was full arrives afterwards', async () => {
    const client = createClient(host, {
      transport: Transport.Tcp,
      port: scene.ports.syslog,
      rfc3164: false,
      syslogHostname: 'web-1',
    });
    scene.gate.shut('LOG_FULL');
    for (const event of eventsOf('syslog', count)) client.log(JSON.stringify(event));
    await untilRefused();
    scene.gate.open();
    expect(distinctIds(await scene.arrived('syslog', count))).toBe(count);
    client.close();
  });
});

async function untilRefused(): Promise<void> {
  await expect.poll(() => scene.gate.refused(), { timeout: 30_000 }).toBeGreaterThan(0);
}
