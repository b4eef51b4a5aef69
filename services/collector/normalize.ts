import { type AmissEvent, eventLimits } from '#shared/event.ts';
import { fieldRules, meaningOf, ownFields } from './event-fields.ts';
import { repeatableId } from './event-id.ts';
import { parseTime } from './event-time.ts';
import type { EventDraft } from './schemas/schema.ts';
import { hiddenText, secretName } from './secret.ts';
import type { Sender } from './sender.ts';

/** What holds for all records of one batch. */
export interface NormalizeContext {
  /** UTC milliseconds at which the batch arrived. */
  readonly receivedAt: number;
  readonly sender: Sender;
  /** An id for a record that brings none and happened at `time`. */
  readonly nextId: (time: number) => string;
  /** Records that say they happen later than this, UTC milliseconds, are refused: they would push the watermark. */
  readonly timeMax: number;
}

export type Normalized =
  | { readonly ok: true; readonly event: AmissEvent }
  | { readonly ok: false; readonly reason: string };

// Shippers that stamp a record use one of these where the record itself has no `time`.
const timeAliases: ReadonlySet<string> = new Set(['@timestamp', 'timestamp', 'date', 'ts']);
const prototypeKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
// Read below, or ours to say.
const unruled: ReadonlySet<string> = new Set(['id', 'space', ...ownFields]);
type Writable = { -readonly [K in keyof AmissEvent]: AmissEvent[K] } & Record<string, unknown>;
type Attributes = Record<string, string>;

/**
 * Makes an event of a native record: times become UTC milliseconds, `null` and "" count as absent, a client's id
 * becomes a repeatable one, and a field that the event does not know becomes an attribute. Never throws.
 *
 * @param record its object is taken over: it may become the event itself
 * @param time when it happened by its envelope, UTC ms, for a record that does not say
 * @returns the event, or a reason that names the field, what is wrong and what would be right
 * @example normalize({ source: 'web', destination: 'db' }, context); // => { ok: true, event: { ... } }
 */
export function normalize(record: unknown, context: NormalizeContext, time?: number): Normalized {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return refuse(`the record is ${nameOf(record)}; send a JSON object with source and destination`);
  }
  const given = record as Record<string, unknown>;
  return isEventAlready(given)
    ? complete(given as Writable, given, undefined, context)
    : copy(given, context, time);
}

/**
 * Makes an event of a draft whose fields are right already: only what the collector itself knows and judges is left.
 *
 * @param draft is taken over: it becomes the event
 */
export function finish(draft: EventDraft & { id?: string }, context: NormalizeContext): Normalized {
  const event = draft as Writable;
  return complete(event, event, undefined, context);
}

/** Most records bring nothing but right fields in the right form: copying those would cost half of the work. */
function isEventAlready(given: Readonly<Record<string, unknown>>): boolean {
  for (const key in given) {
    if (key === 'id') continue; // read by itself, and replaced
    const value = given[key];
    if (value === '' || value === null || fieldRules.get(key)?.read(value) !== value) return false;
  }
  return given['time'] !== undefined;
}

function copy(
  given: Readonly<Record<string, unknown>>,
  context: NormalizeContext,
  time: number | undefined,
): Normalized {
  const event = { source: '', destination: '', time: 0 } as Writable;
  let attributes: Attributes | undefined;
  let stamp: unknown;
  for (const key in given) {
    const value = given[key];
    if (value === null || value === undefined || value === '') continue;
    const rule = fieldRules.get(key);
    if (rule !== undefined) {
      const read = rule.read(value);
      if (read === undefined)
        return refuse(`${key}: ${show(value)} is not ${rule.wants} (${meaningOf(key)})`);
      event[key] = read;
    } else if (timeAliases.has(key)) {
      stamp ??= value;
    } else if (!unruled.has(key)) {
      attributes ??= {};
      const reason =
        key === 'attributes' ? addAll(attributes, value) : addOne(attributes, key, value, 'is no field');
      if (reason !== undefined) return refuse(reason);
    }
  }
  if (attributes !== undefined) event.attributes = attributes;
  if (event.time === 0 && stamp === undefined && time !== undefined) event.time = time;
  return complete(event, given, stamp, context);
}

/** Fills and checks what every event has. */
function complete(
  event: Writable,
  given: Readonly<Record<string, unknown>>,
  stamp: unknown,
  context: NormalizeContext,
): Normalized {
  const reason = faultOf(event, given, stamp, context) ?? fill(event, given, context);
  return reason === undefined ? { ok: true, event } : refuse(reason);
}

function faultOf(
  event: Writable,
  given: Readonly<Record<string, unknown>>,
  stamp: unknown,
  context: NormalizeContext,
): string | undefined {
  if (isAbsent(event.source)) return 'source: missing; name the agent that calls';
  if (isAbsent(event.destination)) return 'destination: missing; name the agent that is called';
  if (event.time === 0 && isAbsent(given['time'])) {
    const read = stamp === undefined ? context.receivedAt : parseTime(stamp);
    if (read === undefined)
      return `time: ${show(stamp)} is not ISO 8601 or an epoch number; send "time" in one of these`;
    event.time = read;
  }
  if (event.time > context.timeMax) {
    const aheadSeconds = Math.round((event.time - context.receivedAt) / 1000);
    return `time: ${aheadSeconds} s ahead of the collector's clock; set the sender's clock (limit: collector.clock_ahead_seconds_max)`;
  }
  const { sender } = context;
  if (sender.maySpeakFor(event.source)) return undefined;
  return `source: shipper "${sender.name}" may not speak for ${show(event.source)}; bind it to that agent or correct the source`;
}

/** Adds what the collector itself knows, last: records of one shape stay of one shape. */
function fill(
  event: Writable,
  given: Readonly<Record<string, unknown>>,
  context: NormalizeContext,
): string | undefined {
  const { sender } = context;
  const { id, space } = given;
  event.received_at = context.receivedAt;
  event.space = sender.space ?? 'default';
  if (sender.shipper !== null) event.shipper = sender.shipper;
  const reason = isAbsent(space) ? undefined : readSpace(event, space, sender);
  return reason ?? readId(event, id, context);
}

function readSpace(event: Writable, space: unknown, sender: Sender): string | undefined {
  if (typeof space !== 'string' || space.length > eventLimits.textCharactersMax) {
    return `space: ${show(space)} is not a text of 1 to ${eventLimits.textCharactersMax} characters`;
  }
  if (sender.space !== null && sender.space !== space) {
    return `space: shipper "${sender.name}" writes to "${sender.space}" only; leave the field out`;
  }
  event.space = space;
  return undefined;
}

function readId(event: Writable, id: unknown, context: NormalizeContext): string | undefined {
  if (isAbsent(id)) {
    event.id = context.nextId(event.time);
    return undefined;
  }
  const isId = (typeof id === 'string' && id.length <= eventLimits.textCharactersMax) || Number.isFinite(id);
  if (!isId) return `id: ${show(id)} is not a text of 1 to ${eventLimits.textCharactersMax} characters`;
  event.id = repeatableId(event.space, context.sender.name, String(id));
  return undefined;
}

function addAll(attributes: Attributes, value: unknown): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) {
    return `attributes: ${show(value)} is not an object of texts`;
  }
  const given = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given)) {
    const reason = addOne(attributes, key, given[key], 'is an attribute');
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function addOne(attributes: Attributes, key: string, value: unknown, what: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (prototypeKeys.has(key)) return `${show(key)}: a key of this name is refused`;
  if (typeof value === 'object')
    return `${show(key)}: ${what} and holds ${nameOf(value)}; attributes are flat texts`;
  const text = secretName.test(key) ? hiddenText : String(value);
  if (text.length > eventLimits.attributeCharactersMax || key.length > eventLimits.textCharactersMax) {
    return `${show(key)}: ${what} and longer than an attribute may be (${eventLimits.attributeCharactersMax} characters)`;
  }
  if (!text.isWellFormed() || !key.isWellFormed()) return `${show(key)}: is not valid Unicode`;
  attributes[key] = text;
  return Object.keys(attributes).length > eventLimits.attributesMax
    ? `attributes: more than ${eventLimits.attributesMax}; leave out what helps nobody`
    : undefined;
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function refuse(reason: string): Normalized {
  return { ok: false, reason };
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const shownCharactersMax = 60;

function show(value: unknown): string {
  if (typeof value === 'object') return nameOf(value);
  const text = String(value);
  return `"${text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text}"`;
}
