import type { Declaration } from '#shared/registry/declaration.ts';
import type { RecordHint } from './formats/format.ts';
import { finish, type NormalizeContext, type Normalized, normalize } from './normalize.ts';
import type { MapRecord } from './schemas/index.ts';
import { native } from './schemas/native.ts';
import type { EventDraft, MapContext, SchemaOutcome, Sighting } from './schemas/schema.ts';
import { unwrap } from './unwrap.ts';

/** What a record has become: events, facts about an agent, nothing to keep, or a reason why not. */
export type RecordOutcome =
  | (Normalized & { readonly sighting?: Sighting })
  | { readonly ok: 'inventory'; readonly declaration: Declaration }
  | { readonly ok: 'skip'; readonly reason: string };

export interface RecordContext extends NormalizeContext {
  readonly mapContext: MapContext;
  readonly mapRecord: MapRecord;
  /** Are there schemas of the operator, which see every record first? */
  readonly hasOwnSchemas: boolean;
}

const noHint: RecordHint = {};

/**
 * Makes events of one record of a wire format, by the schema that recognises it. A native event takes the short way:
 * its schema would only copy it.
 */
export function toEvents(
  record: unknown,
  given: RecordHint | undefined,
  context: RecordContext,
): readonly RecordOutcome[] {
  const hint = given ?? noHint;
  const isPlain =
    hint.schema === undefined &&
    hint.id === undefined &&
    !context.hasOwnSchemas &&
    !context.mapContext.hashResources;
  if (isPlain && native.recognises(record, hint)) return [normalize(record, context, hint.time)];
  const outcomes = mapped(record, hint, context);
  return outcomes.map((outcome, index) => {
    switch (outcome.kind) {
      case 'event': {
        const id = idOf(outcome.clientId ?? hint.id, index);
        // A draft is made for us alone, so that the id may be put into it.
        const draft: EventDraft & { id?: string } = outcome.event;
        if (id !== undefined) draft.id = id;
        const normalized = outcome.isUnchecked ? normalize(draft, context) : finish(draft, context);
        if (outcome.sighting === undefined || !normalized.ok) return normalized;
        return { ok: true, event: normalized.event, sighting: outcome.sighting };
      }
      case 'inventory':
        return { ok: 'inventory', declaration: outcome.declaration };
      case 'skip':
        return { ok: 'skip', reason: outcome.reason };
      case 'reject':
        return { ok: false, reason: outcome.reason };
      default:
        return outcome satisfies never;
    }
  });
}

/** What a schema makes of the record, or else of the record that it wraps. */
function mapped(record: unknown, hint: RecordHint, context: RecordContext): readonly SchemaOutcome[] {
  const { mapRecord, mapContext } = context;
  const outcomes = mapRecord(record, hint, mapContext);
  if (outcomes.length !== 1 || outcomes[0]?.kind !== 'reject') return outcomes;
  const inner = unwrap(record, hint);
  if (inner === undefined) return outcomes;
  const within = mapRecord(inner.record, inner.hint, mapContext);
  return within.every(({ kind }) => kind === 'reject') ? outcomes : within;
}

/** Of several events of one record each needs an id of its own. */
function idOf(clientId: string | undefined, index: number): string | undefined {
  return clientId === undefined || index === 0 ? clientId : `${clientId}#${index}`;
}
