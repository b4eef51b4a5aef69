import { eventLimits, type Outcome } from '#shared/event.ts';
import type { EventDraft, Hint, MapContext, SchemaOutcome, Sighting } from '../schemas/schema.ts';
import { hiddenText, secretName } from '../secret.ts';
import { countOf, textOf } from './read.ts';

/** The fields of an event as a schema finds them: anything may be missing. */
export type Found = { readonly [Key in keyof EventDraft]?: EventDraft[Key] | undefined } & {
  readonly clientId?: string | undefined;
  readonly sighting?: Sighting | undefined;
};

const textFields = [
  'source_zone',
  'destination_zone',
  'source_address',
  'destination_address',
  'source_version',
  'protocol',
  'action',
  'status',
  'auth_method',
  'auth_subject',
  'token_id',
  'tls_version',
  'tls_cipher',
  'trace_id',
  'span_id',
  'session',
  'observer',
] as const satisfies readonly (keyof EventDraft)[];
const countFields = [
  'bytes_out',
  'bytes_in',
  'token_issued_at',
  'token_expires_at',
] as const satisfies readonly (keyof EventDraft)[];
const plainFields = [
  'source_kind',
  'destination_kind',
  'outcome',
  'mfa',
  'mtls',
] as const satisfies readonly (keyof EventDraft)[];

const timeMax = 253402300799999; // 9999-12-31, the event schema's own limit

/**
 * Makes an event of what was found, the one way out of every schema: what is missing or out of range is absent,
 * long texts are cut, resources are hashed where asked. A call without both ends is a reject that says which.
 */
export function toEvent(found: Found, hint: Hint, context: MapContext): SchemaOutcome {
  const { source, destination } = found;
  const time = found.time ?? hint.time ?? context.receivedAt;
  if (source === undefined || source === '') return missing('source', 'who calls');
  if (destination === undefined || destination === '') return missing('destination', 'who is called');
  const event: Record<string, unknown> = { time, source: cut(source), destination: cut(destination) };
  if (!Number.isInteger(time) || time < 0 || time > timeMax)
    return reject(`time: ${time} is no time in UTC ms`);
  for (const name of plainFields) if (found[name] !== undefined) event[name] = found[name];
  for (const name of textFields) {
    const value = textOf(found[name]);
    if (value !== undefined) event[name] = cut(value);
  }
  for (const name of countFields) {
    const value = countOf(found[name]);
    if (value !== undefined && (value <= timeMax || name.startsWith('bytes'))) event[name] = value;
  }
  const port = countOf(found.destination_port);
  if (port !== undefined && port > 0 && port <= 65535) event['destination_port'] = port;
  const duration = found.duration_ms;
  if (duration !== undefined && duration >= 0 && duration <= Number.MAX_SAFE_INTEGER)
    event['duration_ms'] = Math.round(duration * 1000) / 1000; // microseconds are as fine as any log's clock
  const resources = resourcesOf(found.resources, context);
  if (resources.length > 0) event['resources'] = resources;
  const attributes = attributesOf(found.attributes);
  if (attributes !== undefined) event['attributes'] = attributes;
  return {
    kind: 'event',
    event: event as unknown as EventDraft,
    ...(found.clientId === undefined ? {} : { clientId: found.clientId }),
    ...(found.sighting === undefined ? {} : { sighting: found.sighting }),
  };
}

/** What is found by either, the last where several know a field. */
export function overlay(base: Found, ...special: readonly Found[]): Found {
  const joined: Record<string, unknown> = { ...base };
  for (const found of special) {
    for (const name in found) {
      const value = found[name as keyof Found];
      if (value !== undefined) joined[name] = value;
    }
  }
  return joined as Found;
}

/** A reject with its reason. */
export function reject(reason: string): SchemaOutcome {
  return { kind: 'reject', reason };
}

/** A skip with its reason. */
export function skip(reason: string): SchemaOutcome {
  return { kind: 'skip', reason };
}

/** What an HTTP status says about a call: 401, 403 and 407 are denials, 408 and 504 timeouts. */
export function httpOutcome(status: number | undefined): Outcome {
  if (status === undefined || status < 100 || status > 599) return 'unknown';
  if (status === 401 || status === 403 || status === 407) return 'denied';
  if (status === 408 || status === 504) return 'timeout';
  return status >= 400 ? 'error' : 'success';
}

/** Only those attributes that have a value, as text. */
export function attributes(values: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  let kept: Record<string, string> | undefined;
  for (const name in values) {
    const text = textOf(values[name]);
    if (text === undefined) continue;
    kept ??= {};
    kept[name] = text;
  }
  return kept;
}

function missing(field: string, meaning: string): SchemaOutcome {
  return reject(`${field}: the record does not say ${meaning}`);
}

/** At most as long as an event takes it, and with no half of a surrogate pair, which no store would take. */
function cut(value: string, charactersMax: number = eventLimits.textCharactersMax): string {
  if (value.length <= charactersMax) return value.isWellFormed() ? value : value.toWellFormed();
  return value.slice(0, charactersMax).toWellFormed();
}

function resourcesOf(found: EventDraft['resources'] | undefined, context: MapContext): readonly string[] {
  if (found === undefined) return [];
  const distinct = [...new Set(found)].filter((resource) => resource !== '');
  return distinct
    .slice(0, eventLimits.resourcesMax)
    .map((resource) => (context.hashResources ? context.digest(resource) : cut(resource)));
}

// A plain object takes these names as something other than a key, so they are no attribute of ours.
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

function attributesOf(found: EventDraft['attributes'] | undefined): Record<string, string> | undefined {
  if (found === undefined) return undefined;
  const kept: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of Object.entries(found)) {
    if (name === '' || forbiddenNames.has(name)) continue;
    if (count === eventLimits.attributesMax) break;
    kept[cut(name)] = secretName.test(name) ? hiddenText : cut(value, eventLimits.attributeCharactersMax);
    count += 1;
  }
  return count === 0 ? undefined : kept;
}
