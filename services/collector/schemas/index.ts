import { ecs } from './ecs.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { native } from './native.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';

/** Every built-in schema, the native event first since most records are of it. No two recognise the same record. */
export const schemas: readonly Schema[] = [native, kubernetesAudit, ecs];

/** Tells what one decoded record means; nothing that it is given makes it throw. */
export type MapRecord = (record: unknown, hint: Hint, context: MapContext) => readonly SchemaOutcome[];

/**
 * Joins the operator's own schemas and the built-in ones to one function. A route's choice (`hint.schema`) is tried
 * alone; else the operator's come first, in their order, then the built-in ones by shape.
 *
 * @param declared schemas of the configuration
 */
export function createMapRecord(declared: readonly Schema[] = []): MapRecord {
  const all = [...declared, ...schemas];
  const byName = new Map(all.map((schema) => [schema.name, schema]));
  return (record, hint, context) => {
    if (hint.schema !== undefined) {
      const chosen = byName.get(hint.schema);
      if (chosen === undefined) return refuse(`no schema is named ${hint.schema}`);
      if (chosen.recognises(record, hint)) return chosen.map(record, hint, context);
      return refuse(`the route asks for ${chosen.name}, which does not recognise this record`);
    }
    for (const schema of all) if (schema.recognises(record, hint)) return schema.map(record, hint, context);
    return refuse(
      'no schema recognises this record: a native event has time, source and destination; ' +
        'see `amiss map --try` for a mapping of your own',
    );
  };
}

function refuse(reason: string): readonly SchemaOutcome[] {
  return [{ kind: 'reject', reason }];
}
