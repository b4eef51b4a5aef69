import {
  type AmissEvent,
  agentKinds,
  eventFields,
  eventLimits,
  eventSchema,
  outcomes,
} from '#shared/event.ts';
import { millisecondsBelow, parseTime, secondsBelow } from './event-time.ts';
import {
  type PlainEnd,
  plainDecimal,
  plainInteger,
  plainText,
  plainTexts,
  plainWord,
} from './wire/plain-json.ts';

/** One field of an event: what it takes in, and what it says where that is not possible. */
export interface FieldRule {
  /** The value as the event holds it; `undefined` when it cannot be taken. */
  readonly read: (value: unknown) => string | number | boolean | readonly string[] | undefined;
  /** Where a value ends that `read` gives back as it is. */
  readonly plainEnd: PlainEnd;
  /** What would be right, for the reason of a reject. */
  readonly wants: string;
}

const { textCharactersMax, resourcesMax } = eventLimits;

const text: FieldRule = {
  read: (value) => {
    if (typeof value === 'string') {
      return value.length <= textCharactersMax && value.isWellFormed() ? value : undefined;
    }
    return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
  },
  plainEnd: plainText,
  wants: `a text of 1 to ${textCharactersMax} characters`,
};

const integer = (maximum: number): FieldRule => ({
  read: (value) => {
    const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && (number as number) >= 0 && (number as number) <= maximum
      ? (number as number)
      : undefined;
  },
  plainEnd: plainInteger(maximum),
  wants: `a whole number from 0 to ${maximum}`,
});

const duration: FieldRule = {
  read: (value) => {
    const number = typeof value === 'string' && /^\d{1,16}(\.\d{1,12})?$/.test(value) ? Number(value) : value;
    const isDuration = typeof number === 'number' && number >= 0 && number <= Number.MAX_SAFE_INTEGER;
    return isDuration ? number : undefined;
  },
  plainEnd: plainDecimal(Number.MAX_SAFE_INTEGER),
  wants: 'a number of milliseconds, not negative',
};

const time: FieldRule = {
  read: parseTime,
  plainEnd: plainInteger(millisecondsBelow - 1, secondsBelow),
  wants: 'ISO 8601 or epoch seconds, milliseconds, microseconds or nanoseconds',
};

const flag: FieldRule = {
  read: (value) => {
    if (typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : undefined;
  },
  plainEnd: plainWord(['true', 'false']),
  wants: 'true or false',
};

const oneOf = (allowed: readonly string[]): FieldRule => {
  const known = new Set(allowed);
  return {
    read: (value) => (typeof value === 'string' && known.has(value) ? value : undefined),
    plainEnd: plainWord(allowed.map((word) => `"${word}"`)),
    wants: `one of ${allowed.join(', ')}`,
  };
};

const resources: FieldRule = {
  read: (value) => {
    const list = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(list) || list.length > resourcesMax) return undefined;
    const isTexts = list.every((item) => typeof item === 'string' && item !== '' && text.read(item) === item);
    return isTexts ? list : undefined;
  },
  plainEnd: plainTexts(resourcesMax),
  wants: `up to ${resourcesMax} texts of 1 to ${textCharactersMax} characters`,
};

// Fields that are more than a text; which of the schema's fields is which is checked by a test over the schema.
const special: Partial<Record<keyof AmissEvent, FieldRule>> = {
  time,
  source_kind: oneOf(agentKinds),
  destination_kind: oneOf(agentKinds),
  destination_port: integer(65535),
  resources,
  outcome: oneOf(outcomes),
  bytes_out: integer(Number.MAX_SAFE_INTEGER),
  bytes_in: integer(Number.MAX_SAFE_INTEGER),
  duration_ms: duration,
  token_issued_at: time,
  token_expires_at: time,
  mfa: flag,
  mtls: flag,
};

/** Fields that the collector fills itself: what a record says there is not believed. */
export const ownFields: ReadonlySet<string> = new Set(['received_at', 'shipper']);

/** The fields that a record may bring, each with its rule; `id`, `space` and `attributes` need more than a rule. */
export const fieldRules: ReadonlyMap<string, FieldRule> = new Map(
  eventFields
    .filter((name) => !ownFields.has(name) && !['id', 'space', 'attributes'].includes(name))
    .map((name) => [name, special[name] ?? text]),
);

/** What a person reads about a field in a reject's reason, from the schema itself. */
export function meaningOf(name: string): string {
  const schema = (eventSchema.properties as Record<string, { description?: string }>)[name];
  return schema?.description ?? name;
}
