import { AppError, messageOf } from '#shared/errors.ts';
import type { Admission } from './admission.ts';
import type { Delivery, Ingest, Taking } from './delivery.ts';
import { type StoreOptions, storeDelivery, storeRefusal } from './store-delivery.ts';
import { decompress } from './wire/compression.ts';

export interface IngestOptions extends StoreOptions {
  readonly admission: Admission;
  readonly unpackedBytesMax: number;
}

// Logs shrink to about a tenth; a body that unpacks to more than this is given room only if the budget has it.
const usualRatio = 16;

/** Admission, decompression, decoding, mapping, checking and the durable append, in this order, for every delivery. */
export function createIngest(options: IngestOptions): Ingest {
  const { admission } = options;
  return {
    take: async (delivery) => {
      const busy = admission.check(delivery.sender.name);
      if (busy !== undefined) return { kind: 'busy', ...busy };
      const room = createRoom(admission);
      try {
        const body = await unpack(delivery, room, options.unpackedBytesMax);
        const taken = await storeDelivery(delivery, body, options);
        admission.charge(delivery.sender.name, taken.accepted + taken.rejected);
        return taken;
      } catch (error) {
        return await explain(error, delivery, options);
      } finally {
        room.give();
      }
    },
  };
}

interface Room {
  /** Holds `bytes` instead of what was held before. @throws {AppError} RATE_LIMITED when there is no room */
  readonly hold: (bytes: number) => void;
  readonly give: () => void;
}

function createRoom(admission: Admission): Room {
  let held = 0;
  const give = () => {
    admission.release(held);
    held = 0;
  };
  const hold = (bytes: number) => {
    give();
    if (!admission.reserve(bytes))
      throw new AppError('RATE_LIMITED', 'too many deliveries at once (collector.in_flight_bytes_max)');
    held = bytes;
  };
  return { hold, give };
}

async function unpack(
  { body, encoding = '' }: Delivery,
  room: Room,
  unpackedBytesMax: number,
): Promise<Buffer> {
  if (encoding === '' || encoding === 'identity') {
    room.hold(body.length);
    if (body.length <= unpackedBytesMax) return body;
    throw new AppError('INPUT_TOO_LARGE', `the body is larger than ${unpackedBytesMax} bytes`);
  }
  const usual = Math.min(unpackedBytesMax, body.length * usualRatio + 65_536);
  room.hold(usual);
  try {
    return await decompress(body, encoding, usual);
  } catch (error) {
    const isLarger = error instanceof AppError && error.code === 'INPUT_TOO_LARGE';
    if (!isLarger || usual === unpackedBytesMax) throw error;
    room.hold(unpackedBytesMax);
    return await decompress(body, encoding, unpackedBytesMax);
  }
}

/** Turns what went wrong with a whole delivery into an answer. A bug is passed on. */
async function explain(error: unknown, delivery: Delivery, options: IngestOptions): Promise<Taking> {
  if (!(error instanceof AppError)) throw error;
  options.metrics.failures.inc({ service: 'collector', code: error.code });
  const reason = messageOf(error);
  switch (error.code) {
    case 'RATE_LIMITED':
    case 'LOG_FULL':
      return { kind: 'busy', code: error.code, reason, retryAfterSeconds: 1 };
    case 'LOG_UNAVAILABLE':
    case 'LOG_CLOSED':
      return { kind: 'busy', code: 'LOG_UNAVAILABLE', reason, retryAfterSeconds: 5 };
    case 'INPUT_INVALID':
    case 'INPUT_TOO_LARGE':
      try {
        await storeRefusal(delivery, reason, options);
      } catch (failure) {
        return await explain(failure, delivery, options);
      }
      return { kind: 'refused', code: error.code, reason };
    default:
      throw error;
  }
}
