import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { createDelays } from '../../../../../services/collector/delays.ts';
import { listenForOtlpGrpc } from '../../../../../services/collector/listeners/otlp-grpc.ts';
import { localSender } from '../../../../../services/collector/sender.ts';

let listener: Awaited<ReturnType<typeof listenForOtlpGrpc>>;
let client: Client;
const formats: string[] = [];

beforeAll(async () => {
  listener = await listenForOtlpGrpc({
    listen: '127.0.0.1:0',
    ingest: {
      take: async ({ format }) => {
        formats.push(format);
        return { kind: 'taken', accepted: 0, rejected: 0, faults: [], delays: createDelays() };
      },
    },
    clock: systemClock,
    signal: new AbortController().signal,
    identify: () => localSender('127.0.0.1'),
    report: () => {},
    messageBytesMax: 1_000_000,
  });
  client = new Client(`127.0.0.1:${listener.port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await listener.stop();
});

function call(path: string): Promise<Buffer | ServiceError> {
  const asIs = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), (error, answer) =>
      resolve(error ?? answer ?? Buffer.alloc(0)),
    );
  });
}

describe('the gRPC listener', () => {
  test.each([
    ['logs.v1.LogsService', 'otlp-logs'],
    ['trace.v1.TraceService', 'otlp-traces'],
  ])('takes %s', async (service, format) => {
    expect(await call(`/opentelemetry.proto.collector.${service}/Export`)).toEqual(Buffer.alloc(0));
    expect(formats).toContain(format);
  });

  test('takes metrics and lets them go, since exporters send every signal to one address', async () => {
    const before = formats.length;
    expect(await call('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export')).toEqual(
      Buffer.alloc(0),
    );
    expect(formats).toHaveLength(before);
  });

  test('tells a health check that it serves', async () => {
    expect(await call('/grpc.health.v1.Health/Check')).toEqual(Buffer.from([0x08, 0x01]));
  });

  test('knows no other service', async () => {
    expect(await call('/other.Service/Call')).toMatchObject({ code: 12 });
  });
});
