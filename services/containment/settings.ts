import { type Static, Type } from 'typebox';
import { secret } from '#shared/config.ts';

/** Settings of the containment hook: the section `containment` of `amiss.yaml`. Without a URL it does nothing. */
export const containmentSettings = Type.Object(
  {
    url: Type.String({
      default: '',
      pattern: '^$|^https?://',
      description: 'Endpoint of the operator that isolates and releases; empty turns containment off',
    }),
    secret: secret(Type.String({ default: '', pattern: '^$|^(whsec|whsk)_[A-Za-z0-9+/]{32,100}={0,2}$' })),
    severity_min: Type.Integer({ default: 90, minimum: 0, maximum: 100 }),
    detectors: Type.Array(Type.String({ minLength: 1 }), {
      default: ['*'],
      description: 'Names of detectors, `*` for any run of characters; one of the alert has to fit',
    }),
    needs_approval: Type.Boolean({ default: true, description: 'An analyst has to approve each isolation' }),
    expires_minutes: Type.Integer({ default: 240, minimum: 1, maximum: 43_200 }),
    proposal_hours_max: Type.Integer({
      default: 24,
      minimum: 1,
      maximum: 720,
      description: 'A proposal that nobody approves lapses after it',
    }),
    timeout_ms: Type.Integer({ default: 15_000, minimum: 100, maximum: 60_000 }),
    attempts_max: Type.Integer({ default: 8, minimum: 1, maximum: 50 }),
  },
  { additionalProperties: false },
);
export type ContainmentSettings = Static<typeof containmentSettings>;
