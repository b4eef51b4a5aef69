import protobuf from 'protobufjs/minimal.js';
import type { Taking } from '../delivery.ts';
import type { Format } from '../formats/format.ts';
import { otlpLogs } from '../formats/otlp-logs.ts';

/** A message in both of OTLP's encodings. */
export interface OtlpMessage {
  readonly json: object;
  readonly protobuf: Buffer;
}

/** The codes of google.rpc.Status and of gRPC that the collector gives. @source google/rpc/code.proto */
export const statusCodes = {
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** `ExportLogsServiceResponse` or `ExportTraceServiceResponse`: empty, or with what was rejected and why. */
export function otlpResponse(format: Format, taking: Extract<Taking, { kind: 'taken' }>): OtlpMessage {
  const { rejected, faults } = taking;
  if (rejected === 0) return { json: {}, protobuf: Buffer.alloc(0) };
  const errorMessage = faults[0]?.reason ?? '';
  const name = format === otlpLogs ? 'rejectedLogRecords' : 'rejectedSpans';
  const writer = protobuf.Writer.create();
  writer.uint32(0x0a).fork().uint32(0x08).int64(rejected).uint32(0x12).string(errorMessage).ldelim();
  return {
    json: { partialSuccess: { [name]: String(rejected), errorMessage } },
    protobuf: Buffer.from(writer.finish()),
  };
}

/** `google.rpc.Status`. */
export function otlpStatus(code: number, message: string): OtlpMessage {
  const writer = protobuf.Writer.create().uint32(0x08).int32(code).uint32(0x12).string(message);
  return { json: { code, message }, protobuf: Buffer.from(writer.finish()) };
}

const nanosecondsField = 0x10;

/**
 * `google.rpc.Status` with a `RetryInfo`, for the trailer `grpc-status-details-bin`: without it a client takes an
 * answer of RESOURCE_EXHAUSTED for final.
 *
 * @source https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-throttling; google/rpc/error_details.proto
 */
export function retryStatus(code: number, message: string, retryAfterSeconds: number): Buffer {
  const delay = protobuf.Writer.create()
    .uint32(0x08)
    .int64(retryAfterSeconds)
    .uint32(nanosecondsField)
    .int32(0);
  const info = protobuf.Writer.create().uint32(0x0a).bytes(delay.finish()).finish();
  const writer = protobuf.Writer.create().uint32(0x08).int32(code).uint32(0x12).string(message);
  writer.uint32(0x1a).fork();
  writer.uint32(0x0a).string('type.googleapis.com/google.rpc.RetryInfo').uint32(0x12).bytes(info).ldelim();
  return Buffer.from(writer.finish());
}
