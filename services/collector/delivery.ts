import type { Busy } from './admission.ts';
import type { Delays } from './delays.ts';
import type { Decode, RecordHint } from './formats/format.ts';
import type { Sender } from './sender.ts';

/** One request, frame or chunk, as a listener hands it over. */
export interface Delivery {
  readonly sender: Sender;
  /** Name of the wire format, for rejects and metrics. */
  readonly format: string;
  readonly body: Buffer;
  /** `Content-Encoding` of the body; absent or "" means that it is plain. */
  readonly encoding?: string;
  readonly decode: Decode;
  /** Holds for every record that has no hint of its own. */
  readonly hint?: RecordHint;
  /**
   * The sender's name for this delivery, the same when it is repeated: records without an id get repeatable ones
   * from it. `bytes` derives it from the body, for records that carry a time: a body that comes twice is a repeat.
   */
  readonly retry?: { readonly key: string } | 'bytes';
}

export interface RecordFault {
  /** Position of the record in the delivery, 0-based. */
  readonly index: number;
  readonly reason: string;
}

/** What became of a delivery. */
export type Taking =
  /** Everything is durable: accepted records among the events, the others among the rejects. */
  | {
      readonly kind: 'taken';
      readonly accepted: number;
      readonly rejected: number;
      readonly faults: readonly RecordFault[];
      /** How long the accepted records were on their way. */
      readonly delays: Delays;
    }
  /** Nothing was kept; the same delivery will be taken later. */
  | ({ readonly kind: 'busy' } & Busy)
  /** Nothing of it can be read, now or later; the beginning is among the rejects. */
  | {
      readonly kind: 'refused';
      readonly code: 'INPUT_INVALID' | 'INPUT_TOO_LARGE';
      readonly reason: string;
    };

/** The one path from bytes to the log, whatever the listener. */
export interface Ingest {
  readonly take: (delivery: Delivery) => Promise<Taking>;
}
