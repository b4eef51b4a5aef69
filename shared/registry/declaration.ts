import { type Static, Type } from 'typebox';
import type { Decision } from '../decision.ts';
import { agentKinds, eventLimits } from '../event.ts';
import { schemaFaults } from '../schema-faults.ts';

/** Where a fact about an agent comes from; the first of these that knows a fact is believed. */
export const factOrigins = ['declared', 'a2a_card', 'spiffe', 'kubernetes', 'learned'] as const;
export type FactOrigin = (typeof factOrigins)[number];

/** Limits of one declaration. */
export const declarationLimits = { listMax: 256, labelsMax: 64 } as const;

const text = (description: string) =>
  Type.String({ minLength: 1, maxLength: eventLimits.textCharactersMax, description });
const texts = (description: string) =>
  Type.Array(text('`*` stands for any run of characters'), {
    maxItems: declarationLimits.listMax,
    description,
  });

/**
 * What somebody says of an agent, or of all agents whose id begins so (`spiffe://prod/ns/shop/*`): the body of a
 * decision `agent/ID` and an entry of the registry's file. What is not said is left to the next origin.
 */
export const declarationSchema = Type.Object(
  {
    agent: text('Id of the agent, or a beginning of ids that ends with `*`'),
    origin: Type.Enum(
      factOrigins.filter((origin) => origin !== 'learned'),
      { default: 'declared' },
    ),
    source: Type.Optional(text('Card, path or object that it was imported from')),
    kind: Type.Optional(Type.Enum([...agentKinds])),
    owner: Type.Optional(text('Who answers for it')),
    zone: Type.Optional(text('Segment')),
    peer_group: Type.Optional(text('Agents that it should behave like')),
    identities: Type.Optional(texts('SPIFFE ids, token subjects and addresses that it may use')),
    shippers: Type.Optional(texts('Who may report about it')),
    versions: Type.Optional(texts('Versions that it is meant to run')),
    packages: Type.Optional(texts('Packages that it runs, as advisories name them')),
    tools: Type.Optional(texts('Tools or skills that it offers')),
    card_hash: Type.Optional(text('Fingerprint of its agent card')),
    labels: Type.Optional(
      Type.Record(Type.String({ maxLength: 317 }), Type.String({ maxLength: 512 }), {
        maxProperties: declarationLimits.labelsMax,
      }),
    ),
    is_retired: Type.Optional(Type.Boolean({ description: 'It should be heard of no more' })),
  },
  { additionalProperties: false, $id: 'Declaration' },
);
export type Declaration = Static<typeof declarationSchema>;

/** A declaration, or what is wrong with it by key and remedy. */
export type ParsedDeclaration =
  | { readonly ok: true; readonly declaration: Declaration }
  | { readonly ok: false; readonly faults: readonly string[] };

/** Checks a declaration from a file, a caller or a decision. */
export function parseDeclaration(value: unknown): ParsedDeclaration {
  const candidate =
    typeof value === 'object' && value !== null && !('origin' in value)
      ? { ...value, origin: 'declared' }
      : value;
  const faults = schemaFaults(declarationSchema, candidate, 'agent');
  return faults.length > 0 ? { ok: false, faults } : { ok: true, declaration: candidate as Declaration };
}

/**
 * The key under which a declaration is kept: one for each agent, origin and space, so that an import never replaces a
 * person's word, nor a tenant another's. In the space `default` what a person declares has the agent's bare id.
 */
export function declarationKey(
  space: string,
  { agent, origin }: Pick<Declaration, 'agent' | 'origin'>,
): string {
  if (space !== 'default') return `agent/${agent}#${origin}@${space}`;
  return `agent/${agent}${origin === 'declared' ? '' : `#${origin}`}`;
}

/** What a decision of the kind `agent` declares; `undefined` when it is about something else or malformed. */
export function declarationOf(decision: Decision): Declaration | undefined {
  if (decision.kind !== 'agent') return undefined;
  const parsed = parseDeclaration(decision.body);
  return parsed.ok ? parsed.declaration : undefined;
}
