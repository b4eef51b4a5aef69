import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Clock } from '#shared/clock.ts';
import { parseListen } from '#shared/http.ts';
import type { Stop } from '#shared/lifecycle.ts';
import type { Delivery, Ingest, Taking } from '../delivery.ts';
import type { Format } from '../formats/format.ts';
import { otlpLogs } from '../formats/otlp-logs.ts';
import { otlpTraces } from '../formats/otlp-traces.ts';
import { takePatiently } from '../patient-ingest.ts';
import type { Sender } from '../sender.ts';
import { otlpResponse, retryStatus, statusCodes } from './otlp-response.ts';

export interface OtlpGrpcOptions {
  /** `host:port`. */
  readonly listen: string;
  /** PEM texts; with `ca` a client certificate is asked for and must be good. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  readonly ingest: Ingest;
  readonly clock: Clock;
  /** Aborted when the listener stops. */
  readonly signal: AbortSignal;
  /** Who calls. @throws {AppError} UNAUTHORIZED or FORBIDDEN */
  readonly identify: (call: { readonly peer: string; readonly authorization: string | undefined }) => Sender;
  /** Told of a caller that was turned away. */
  readonly report: (refusal: { who: string; format: string; reason: string }) => void;
  readonly messageBytesMax: number;
}

type Call = ServerUnaryCall<Buffer, Buffer>;
type Reply = sendUnaryData<Buffer>;

/**
 * OTLP over gRPC: `LogsService/Export` and `TraceService/Export`. Under pressure a client is told UNAVAILABLE with a
 * RetryInfo; what cannot be read is INVALID_ARGUMENT, which none does.
 *
 * @source https://opentelemetry.io/docs/specs/otlp/#otlpgrpc
 */
export async function listenForOtlpGrpc(
  options: OtlpGrpcOptions,
): Promise<{ readonly port: number; readonly stop: Stop }> {
  const server = new Server({
    'grpc.max_receive_message_length': options.messageBytesMax,
    'grpc.max_concurrent_streams': streamsMax,
  });
  const services = [
    ['opentelemetry.proto.collector.logs.v1.LogsService', otlpLogs],
    ['opentelemetry.proto.collector.trace.v1.TraceService', otlpTraces],
  ] as const;
  for (const [name, format] of services) {
    server.addService(definitionOf(name, 'Export'), {
      Export: (call: Call, reply: Reply) =>
        void handle(call, format, options).then(reply.bind(null, null), reply),
    });
  }
  for (const [name, method, answered] of courtesies) {
    server.addService(definitionOf(name, method), {
      [method]: (_call: Call, reply: Reply) => reply(null, answered),
    });
  }
  const port = await bind(server, options);
  return { port, stop: () => stop(server) };
}

// JavaScript's exporter repeats nothing over gRPC: the collector waits for it, within the call's own deadline.
const patienceMsMax = 8_000;
// Of that, the time that the answer takes.
const answerMs = 1_000;
/** Calls under way on one connection. */
const streamsMax = 100;
/** How long a call may still run when the listener stops. */
const stopMsMax = 5_000;

/**
 * What is asked beside: metrics are taken and let go, since exporters send every signal to one address, and health
 * checks hear SERVING for as long as somebody answers.
 *
 * @source grpc/health/v1/health.proto
 */
const courtesies = [
  ['opentelemetry.proto.collector.metrics.v1.MetricsService', 'Export', Buffer.alloc(0)],
  ['grpc.health.v1.Health', 'Check', Buffer.from([0x08, 0x01])],
] as const;

/** Messages pass as bytes: the collector's own reader decodes them. */
function definitionOf(service: string, method: string): ServiceDefinition {
  const asIs = (bytes: Buffer) => bytes;
  return {
    [method]: {
      path: `/${service}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  };
}

async function handle(call: Call, format: Format, options: OtlpGrpcOptions): Promise<Buffer> {
  const sender = admitCall(call, format, options);
  const delivery: Delivery = {
    sender,
    format: format.name,
    body: call.request,
    decode: format.decode,
    retry: 'bytes',
  };
  const { ingest, clock, signal } = options;
  const leftMs = Number(call.getDeadline()) - clock.now() - answerMs;
  const patienceMs = Math.min(leftMs, patienceMsMax);
  return answer(format, await takePatiently(ingest, delivery, { clock, signal, patienceMs }));
}

function admitCall(call: Call, format: Format, options: OtlpGrpcOptions): Sender {
  const peer = hostOf(call.getPeer());
  const [authorization] = call.metadata.get('authorization');
  try {
    return options.identify({ peer, authorization: authorization?.toString() });
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    options.report({ who: peer, format: format.name, reason: message });
    throw failure(code === 'FORBIDDEN' ? statusCodes.permissionDenied : statusCodes.unauthenticated, message);
  }
}

function answer(format: Format, taking: Taking): Buffer {
  switch (taking.kind) {
    case 'taken':
      return otlpResponse(format, taking).protobuf;
    case 'busy': {
      const metadata = new Metadata();
      const details = retryStatus(statusCodes.unavailable, taking.reason, taking.retryAfterSeconds);
      metadata.set('grpc-status-details-bin', details);
      throw { ...failure(statusCodes.unavailable, taking.reason), metadata };
    }
    case 'refused':
      throw failure(statusCodes.invalidArgument, taking.reason);
    default:
      return taking satisfies never;
  }
}

function failure(code: number, details: string) {
  return { code, details, message: details };
}

/** The peer's address without its port: `10.0.0.1:4000`, `[::1]:4000`. */
function hostOf(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function bind(server: Server, { listen, tls }: OtlpGrpcOptions): Promise<number> {
  const { host, port } = parseListen(listen);
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(
          tls.ca === undefined ? null : Buffer.from(tls.ca),
          [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }],
          tls.ca !== undefined,
        );
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host.includes(':') ? `[${host}]` : host}:${port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, stopMsMax);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
