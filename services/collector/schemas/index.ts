import { isOtlpLog } from '../facts/otel.ts';
import { contentsOf, hintOf } from '../facts/otlp-log.ts';
import { a2a } from './a2a.ts';
import { accessLog } from './access-log.ts';
import { agentCard } from './agent-card.ts';
import { compileMapping } from './declared.ts';
import { ecs } from './ecs.ts';
import { envoy } from './envoy.ts';
import { httpLog } from './http-log.ts';
import { hubble } from './hubble.ts';
import { kubernetesAudit } from './kubernetes-audit.ts';
import { mcp } from './mcp.ts';
import { native } from './native.ts';
import { ocsf } from './ocsf.ts';
import { otelA2a } from './otel-a2a.ts';
import { otelCall } from './otel-call.ts';
import { otelGenAi } from './otel-gen-ai.ts';
import { otelMcp } from './otel-mcp.ts';
import type { Hint, MapContext, Schema, SchemaOutcome } from './schema.ts';
import { vpcFlow } from './vpc-flow.ts';
import { zeek } from './zeek.ts';

/** Every built-in schema, the native event first since most records are of it. No two recognise the same record. */
export const schemas: readonly Schema[] = [
  native,
  otelCall,
  otelGenAi,
  otelMcp,
  otelA2a,
  zeek,
  envoy,
  hubble,
  kubernetesAudit,
  vpcFlow,
  ecs,
  ocsf,
  mcp,
  a2a,
  agentCard,
  httpLog,
  accessLog,
];

export { compileMapping };

/** Tells what one decoded record means; nothing that it is given makes it throw. */
export type MapRecord = (record: unknown, hint: Hint, context: MapContext) => readonly SchemaOutcome[];

/**
 * Joins the operator's own schemas and the built-in ones to one function. A route's choice (`hint.schema`) is tried
 * alone; else the operator's come first, in their order, then the built-in ones by shape. What an OTLP log record
 * carries is judged like a record of its own.
 *
 * @param declared the operator's mappings, compiled with `compileMapping`
 */
export function createMapRecord(declared: readonly Schema[] = []): MapRecord {
  const all = [...declared, ...schemas];
  const byName = new Map(all.map((schema) => [schema.name, schema]));
  return (record, hint, context) => {
    const candidates =
      hint.schema === undefined ? all : [byName.get(hint.schema)].filter((one) => one !== undefined);
    if (candidates.length === 0) return refuse(`no schema is named ${hint.schema}`);
    const schema = candidates.find((candidate) => candidate.recognises(record, hint));
    if (schema !== undefined) return schema.map(record, hint, context);
    if (isOtlpLog(record)) {
      const inner = hintOf(record, hint);
      for (const content of contentsOf(record)) {
        const found = candidates.find((candidate) => candidate.recognises(content, inner));
        if (found !== undefined) return found.map(content, inner, context);
      }
    }
    return refuse(
      hint.schema === undefined ? unrecognised : `the schema ${hint.schema} of this route does not fit`,
    );
  };
}

const unrecognised =
  'no schema recognises this record: a native event has source and destination; ' +
  'see `amiss map --try` for a mapping of your own';

function refuse(reason: string): readonly SchemaOutcome[] {
  return [{ kind: 'reject', reason }];
}
