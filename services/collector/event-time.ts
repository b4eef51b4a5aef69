// Which unit an epoch number is in follows from its size: seconds stay below 1e11 until the year 5138, and
// milliseconds, microseconds and nanoseconds of any year after 1973 lie three digits apart above it.
export const secondsBelow = 1e11;
export const millisecondsBelow = 1e14;
const microsecondsBelow = 1e17;

/** 9999-12-31, the last day that the event's schema admits. */
const timeMax = 253402300799999;

/**
 * The time of an event as shippers write it, in UTC milliseconds: an epoch number (seconds, milliseconds,
 * microseconds or nanoseconds, told apart by size), the same as a string, or ISO 8601 with `T` or a space between
 * date and time. A time without a zone is taken as UTC. Digits finer than a millisecond are cut off.
 *
 * @returns `undefined` when it is none of these or no moment between 1970 and 9999
 * @example parseTime('2026-11-23T04:40:00+01:00'); // => 1795405200000
 * @example parseTime(1795405200.5); // => 1795405200500
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  return /^\d{1,19}(\.\d{1,9})?$/.test(value) && value.length !== 4
    ? fromEpoch(Number(value))
    : fromIso(value);
}

function fromEpoch(value: number): number | undefined {
  // A comparison with NaN is false, so that NaN falls through to the end.
  if (value < secondsBelow) return value >= 0 ? Math.floor(value * 1000) : undefined;
  if (value < millisecondsBelow) return Math.floor(value);
  if (value < microsecondsBelow) return Math.floor(value / 1e3);
  return value / 1e6 <= timeMax ? Math.floor(value / 1e6) : undefined;
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/;

function fromIso(text: string): number | undefined {
  const match = iso.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (!isDate(year, month, day) || hour >= 24 || minute >= 60 || second > 60) return undefined;
  const milliseconds = match[7] === undefined ? 0 : Number(match[7].padEnd(3, '0').slice(0, 3));
  // A leap second is counted as the last moment of its minute.
  const clamped = second === 60 ? 59_999 : second * 1000 + milliseconds;
  const utc = Date.UTC(year, month - 1, day, hour, minute) + clamped;
  const time = utc - zoneMs(match[8]);
  return time >= 0 && time <= timeMax ? time : undefined;
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z' || zone === 'z' || zone === 'UTC') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}
