import { isObject, type JsonObject } from '../facts/read.ts';
import type { EventDraft, MapContext, Schema } from './schema.ts';

// What the collector itself decides, whatever a shipper claims.
const ours = ['id', 'received_at', 'space', 'shipper'] as const;
// Under which the collector looks for the time of a record.
const timeNames = ['time', '@timestamp', 'timestamp', 'date', 'ts'];

/**
 * The native event, passed on as it is: the collector checks it against the event schema, which names any wrong
 * field, so nothing is mended here.
 */
export const native: Schema = {
  name: 'native',
  summary: "Amiss's own event: time, source, destination and what else is known",
  source: 'shared/event.ts',
  recognises: (record) =>
    isObject(record) &&
    typeof record['source'] === 'string' &&
    typeof record['destination'] === 'string' &&
    record['request'] === undefined &&
    record['response'] === undefined &&
    record['request_headers'] === undefined,
  map: (record, hint, context) => {
    const event = { ...(record as JsonObject) };
    const { id } = event;
    for (const name of ours) delete event[name];
    if (hint.time !== undefined && !timeNames.some((name) => name in event)) event['time'] = hint.time;
    if (context.hashResources) event['resources'] = hashed(event['resources'], context.digest);
    // Unchecked on purpose: the collector's own check of the event schema follows.
    const draft = event as unknown as EventDraft;
    const outcome = { kind: 'event', event: draft, isUnchecked: true } as const;
    if (id === undefined) return [outcome];
    if (typeof id !== 'string' || id === '')
      return [{ kind: 'reject', reason: 'id: must be a text with content, or absent' }];
    return [{ ...outcome, clientId: id }];
  },
};

/** One text counts as a list of one; what is no text stays, for the collector's check to refuse it. */
function hashed(resources: unknown, digest: MapContext['digest']): unknown {
  if (typeof resources === 'string' && resources !== '') return [digest(resources)];
  if (!Array.isArray(resources)) return resources;
  return resources.map((item) => (typeof item === 'string' && item !== '' ? digest(item) : item));
}
