import { type Static, Type } from 'typebox';
import { agentKinds } from '../event.ts';
import { tlsVersions } from './tls-version.ts';

/** What a policy says of something: let it be, look at it closely, or it must not happen. */
const policyVerdicts = ['allowed', 'watched', 'denied'] as const;
export type PolicyVerdict = (typeof policyVerdicts)[number];

/** Limits of one policy: what is compiled from it stays small enough for every event. */
const policyLimits = {
  rulesMax: 2048,
  grantsMax: 65_536,
  listMax: 1024,
  patternCharactersMax: 512,
} as const;

const pattern = (description: string) =>
  Type.String({ minLength: 1, maxLength: policyLimits.patternCharactersMax, description });
const patterns = (description: string, minItems = 0) =>
  Type.Array(pattern('`*` stands for any run of characters'), {
    description,
    minItems,
    maxItems: policyLimits.listMax,
  });
const list = (description: string) => ({ ...patterns(description), default: [] as string[] });
const verdict = (fallback: PolicyVerdict, description: string) =>
  Type.Enum([...policyVerdicts], { default: fallback, description });
const section = <T extends Parameters<typeof Type.Object>[0]>(properties: T) =>
  Type.Object(properties, { additionalProperties: false, default: {} });
const strict = { additionalProperties: false } as const;

/** A line of the matrix. What is left out does not restrict; the first rule that fits decides. */
const zoneRuleSchema = Type.Object(
  {
    from: patterns('Zones of the caller', 1),
    to: patterns('Zones of the called', 1),
    verdict: Type.Enum([...policyVerdicts]),
    protocols: Type.Optional(patterns('http, grpc, mcp, ...', 1)),
    ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
        minItems: 1,
        maxItems: policyLimits.listMax,
      }),
    ),
    actions: Type.Optional(patterns('`GET /orders/*`, `tools/call:*`', 1)),
    note: Type.Optional(Type.String({ maxLength: 2048, description: 'Why; shown with every finding' })),
  },
  strict,
);
export type ZoneRule = Static<typeof zoneRuleSchema>;

/** What an agent may do: the right, whether or not it is used. */
const grantSchema = Type.Object(
  {
    agent: pattern('Who may'),
    to: patterns('Agents that may be called', 1),
    actions: { ...patterns('What may be called there', 1), default: ['*'] },
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'Granted at, UTC ms' })),
    role: Type.Optional(Type.String({ maxLength: 512, description: 'The role that it was imported from' })),
  },
  strict,
);
export type Grant = Static<typeof grantSchema>;

const versionRuleSchema = Type.Object(
  { agents: patterns('Agents', 1), version_min: Type.String({ minLength: 1, maxLength: 128 }) },
  strict,
);

const zonesSchema = section({
  default: verdict('allowed', 'A crossing that no rule names; `denied` once the matrix is complete'),
  within: verdict('allowed', 'A call inside one zone that no rule names'),
  unknown: verdict('allowed', 'A call of which one end has no zone'),
  rules: Type.Array(zoneRuleSchema, { default: [], maxItems: policyLimits.rulesMax }),
});

const identitySchema = section({
  anonymous: verdict('allowed', 'A call whose caller proved nothing, where the log says so'),
  mismatch: verdict('denied', 'A proven identity that belongs to another agent'),
  unregistered: verdict('watched', 'An agent that nobody declared, once any agent is declared'),
  mfa_kinds: Type.Array(Type.Enum([...agentKinds]), {
    default: [],
    description: 'Callers of these kinds need a second factor',
  }),
  exempt: list('Agents of whom no identity is asked, such as a public edge'),
});

const tokensSchema = section({
  expired_grace_seconds: Type.Integer({ default: 60, minimum: 0, description: 'Clocks differ' }),
  life_minutes_max: Type.Integer({ default: 0, minimum: 0, description: '0 sets no limit' }),
  rotation_hours_max: Type.Integer({ default: 0, minimum: 0, description: '0 sets no limit' }),
  shared: verdict('denied', 'One token used by two agents or from two addresses'),
  issuers: list('Issuers that are trusted; none named means all'),
  audiences: list('Audiences that are expected; none named means all'),
  algorithms: list('Signature algorithms that are accepted; none named means all'),
});

const tlsSchema = section({
  plaintext: verdict('allowed', 'A call that is known to be unencrypted'),
  version_min: Type.Enum([...tlsVersions], { default: 'SSLv3', description: 'SSLv3 accepts all' }),
  mtls: Type.Enum(['optional', 'required'], { default: 'optional' }),
  ciphers_denied: list('Beside those that are known to be weak'),
  certificate_days_min: Type.Integer({ default: 14, minimum: 0, description: 'Days left of a certificate' }),
  exempt: list('Called agents that need no encryption, such as a local socket'),
});

/**
 * What is meant to be, for one space: read from `policy.yaml` or a decision `policy/SPACE`, judged against every
 * event by pure functions and against the past by the what-if. Everything has a default that forbids nothing but
 * what no policy allows.
 */
export const policySchema = Type.Object(
  {
    version: Type.Literal(1),
    zones: zonesSchema,
    identity: identitySchema,
    tokens: tokensSchema,
    tls: tlsSchema,
    versions: Type.Array(versionRuleSchema, { default: [], maxItems: policyLimits.listMax }),
    grants: Type.Array(grantSchema, { default: [], maxItems: policyLimits.grantsMax }),
  },
  { ...strict, $id: 'Policy' },
);
export type Policy = Static<typeof policySchema>;
