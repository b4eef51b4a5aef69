import type { Clock } from '#shared/clock.ts';
import { putNewest } from '#shared/put-newest.ts';

/** Why a sender has to wait. */
export interface Busy {
  readonly code: 'RATE_LIMITED' | 'LOG_FULL' | 'LOG_UNAVAILABLE';
  readonly reason: string;
  /** Whole seconds, at least one. */
  readonly retryAfterSeconds: number;
}

export interface AdmissionLimits {
  /** Records a second that one sender may deliver; 0 sets no limit. */
  readonly ratePerSecond: number;
  /** Unpacked bytes in work over all senders. */
  readonly bytesMax: number;
}

/** Decides who may deliver now, before any of the work is done. */
export interface Admission {
  /** May this sender start a delivery? */
  readonly check: (sender: string) => Busy | undefined;
  /** Counts records against the sender's rate. Above it the next delivery waits, this one is taken. */
  readonly charge: (sender: string, records: number) => void;
  /** Sets bytes of memory aside; `false` where there are none left. */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  /** The readers of the log are this far behind; `undefined` when they keep up. */
  readonly setBacklog: (backlog: Busy | undefined) => void;
}

/** Senders whose rate is remembered; beyond it the one that was quiet longest is forgotten, and may send again. */
const sendersMax = 10_000;
// A sender that was quiet may deliver this many seconds' worth at once: shippers collect before they send.
const burstSeconds = 10;

interface Bucket {
  /** Records that may still come; negative after a batch larger than what was left. */
  balance: number;
  /** When it was counted, UTC milliseconds. */
  at: number;
}

/** Token buckets per sender, one budget of memory over all, and the brake that a slow reader pulls. */
export function createAdmission(limits: AdmissionLimits, clock: Clock): Admission {
  const buckets = new Map<string, Bucket>();
  let bytes = 0;
  let backlog: Busy | undefined;
  const bucketOf = (sender: string): Bucket => {
    const now = clock.now();
    const full = limits.ratePerSecond * burstSeconds;
    const bucket = buckets.get(sender) ?? { balance: full, at: now };
    const earned = (Math.max(0, now - bucket.at) / 1000) * limits.ratePerSecond;
    bucket.balance = Math.min(full, bucket.balance + earned);
    bucket.at = now;
    putNewest(buckets, sender, bucket, sendersMax);
    return bucket;
  };
  return {
    check: (sender) => {
      if (backlog !== undefined) return backlog;
      if (limits.ratePerSecond === 0) return undefined;
      const { balance } = bucketOf(sender);
      if (balance > 0) return undefined;
      return {
        code: 'RATE_LIMITED',
        reason: `sender "${sender}" delivers more than ${limits.ratePerSecond} records a second (collector.rate_records_per_second)`,
        retryAfterSeconds: Math.max(1, Math.ceil(-balance / limits.ratePerSecond)),
      };
    },
    charge: (sender, records) => {
      if (limits.ratePerSecond > 0) bucketOf(sender).balance -= records;
    },
    reserve: (wanted) => {
      // A single delivery may always run, or one above the budget would wait for ever.
      if (bytes > 0 && bytes + wanted > limits.bytesMax) return false;
      bytes += wanted;
      return true;
    },
    release: (held) => {
      bytes -= held;
    },
    setBacklog: (next) => {
      backlog = next;
    },
  };
}
