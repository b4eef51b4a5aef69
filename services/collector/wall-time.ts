import { AppError } from '#shared/errors.ts';

/**
 * Completes a time as RFC 3164 writes it, `Nov 23 04:40:00`: the year is the one that brings it nearest to its
 * receipt, where it is not written behind the day, and the zone the one that is configured.
 *
 * @param receivedAt UTC ms
 * @returns UTC ms; `undefined` for what is no such time
 */
export type ReadWallTime = (text: string, receivedAt: number) => number | undefined;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const form = /^([A-Z][a-z]{2}) ([ \d]\d) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(\.\d{1,9})?$/;

/**
 * @param zone an IANA name, such as `Europe/Berlin` or `UTC`
 * @throws {AppError} CONFIG_INVALID there is no such zone
 * @source RFC 3164, 4.1.2; RFC 5424, A.1 tells of the year and zone that are missing
 * @example createReadWallTime('UTC')('Dec 31 23:59:59', Date.UTC(2027, 0, 1)); // => 1798761599000
 */
export function createReadWallTime(zone: string): ReadWallTime {
  const offsetAt = createOffset(zone);
  return (text, receivedAt) => {
    const match = form.exec(text);
    const month = months.indexOf(match?.[1] ?? '');
    if (match === null || month < 0) return undefined;
    const [day = 0, hour = 0, minute = 0, second = 0] = [2, 4, 5, 6].map((group) => Number(match[group]));
    const milliseconds = Math.floor(Number(match[7] ?? 0) * 1000);
    if (day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
    const year = new Date(receivedAt).getUTCFullYear();
    let nearest: number | undefined;
    for (const candidate of match[3] === undefined ? [year - 1, year, year + 1] : [Number(match[3])]) {
      const midnight = Date.UTC(candidate, month, day);
      if (new Date(midnight).getUTCDate() !== day) continue; // 29 February of another year
      const wall = midnight + (hour * 60 + minute) * 60_000 + second * 1000 + milliseconds;
      const time = wall - offsetAt(wall);
      if (nearest === undefined || Math.abs(time - receivedAt) < Math.abs(nearest - receivedAt))
        nearest = time;
    }
    return nearest;
  };
}

const quarterMs = 900_000; // offsets change at no finer moments than quarters of an hour
const offsetsMax = 4096; // some six weeks of quarters

/** How far the zone's clocks are ahead of UTC, ms, at a moment by those clocks. */
function createOffset(zone: string): (wall: number) => number {
  if (zone === 'UTC') return () => 0;
  const format = formatIn(zone);
  const known = new Map<number, number>();
  const offsetOf = (utc: number): number => {
    const part = Object.fromEntries(
      format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - utc;
  };
  return (wall) => {
    const quarter = wall - (wall % quarterMs);
    const before = known.get(quarter);
    if (before !== undefined) return before;
    // The first offset is that of a moment up to half a day away; with it the right moment is known.
    const offset = offsetOf(quarter - offsetOf(quarter));
    if (known.size >= offsetsMax) known.clear();
    known.set(quarter, offset);
    return offset;
  };
}

function formatIn(zone: string): Intl.DateTimeFormat {
  const numeric = 'numeric';
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch (cause) {
    const reason = `collector.syslog_zone: there is no time zone ${zone}; write an IANA name such as Europe/Berlin`;
    throw new AppError('CONFIG_INVALID', reason, { cause });
  }
}
