import { rejectSampleBytesMax } from '#shared/reject.ts';
import type { Hint } from '../schemas/schema.ts';

/** What the envelope tells about a record: it helps to choose a schema, and fills what the record leaves out. */
export interface RecordHint extends Hint {
  /** The shipper's own id of the record, where a retry brings the same one. */
  readonly id?: string;
  /** A time without year and zone, `Nov 23 04:40:00`, where there is no better one: `wall-time.ts` completes it. */
  readonly wallTime?: string;
}

/** An event that is text already: what its way to the log still needs to know of it. */
export interface ReadyEvent {
  readonly source: string;
  readonly destination: string;
  /** UTC milliseconds. */
  readonly time: number;
  /** The whole event as JSON. */
  readonly value: string;
}

/** What became of one record of a body: read, or refused with the reason. */
export type FormatOutcome =
  | {
      readonly kind: 'record';
      readonly record: unknown;
      readonly hint?: RecordHint;
      /** The JSON text that the record, and nothing else, was parsed from, where the format has it at hand. */
      readonly text?: string;
    }
  /** A native event that was taken where it lies; only where `decode` was given a `readPlain`. */
  | { readonly kind: 'ready'; readonly event: ReadyEvent }
  | {
      readonly kind: 'reject';
      readonly reason: string;
      readonly sample: string;
      /** Not a record but the body is damaged: where it comes first, nothing of the body could be read. */
      readonly isBody?: true;
    };

/**
 * Makes the event of a native record that begins at `from` in the bytes, before it is parsed; `undefined` for every
 * record that needs more than what the collector adds.
 *
 * @param text the same bytes as text, where they are ASCII and the caller has it
 * @returns the event and one past the record's last byte
 */
export type ReadPlain = (bytes: Buffer, from: number, text?: string) => ReadyAt | undefined;

interface ReadyAt {
  readonly event: ReadyEvent;
  readonly end: number;
}

/**
 * @param readPlain takes native events without parsing them, where the format has records as bytes; nothing but the
 * speed depends on it
 */
export type Decode = (body: Buffer, readPlain?: ReadPlain) => Iterable<FormatOutcome>;

/**
 * One wire format: bytes in, records out. `decode` never throws, whatever the bytes; it reads no clock, holds no
 * state, and takes memory in proportion to the body. `test/contract/format.test.ts` runs over every format.
 */
export interface Format {
  /** Permanent name, as it stands in rejects and metrics. */
  readonly name: string;
  /** One line for a person who chooses. */
  readonly summary: string;
  /** Where the format is specified. */
  readonly source: string;
  /** Reads a whole body, already decompressed: one outcome for each record, in their order. */
  readonly decode: Decode;
}

/** Refuses a record, keeping the beginning of it for a person to look at. */
export function reject(reason: string, sample: string): Extract<FormatOutcome, { kind: 'reject' }> {
  return { kind: 'reject', reason, sample: sample.slice(0, rejectSampleBytesMax) };
}
