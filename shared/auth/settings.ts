import { Type } from 'typebox';
import { roles } from './token.ts';

/** Who else may call, beside the holder of the admin token: the section `auth` of `amiss.yaml`. */
export const authSettings = Type.Object(
  {
    tokens: Type.Array(
      Type.Object(
        {
          name: Type.String({
            minLength: 1,
            maxLength: 128,
            description: 'Who holds it; shown in decisions',
          }),
          sha256: Type.String({
            pattern: '^[0-9a-f]{64}$',
            description: 'SHA-256 of the token, hexadecimal; the token itself is never stored',
          }),
          roles: Type.Array(Type.Enum([...roles]), { minItems: 1 }),
        },
        { additionalProperties: false },
      ),
      { default: [], maxItems: 1000 },
    ),
  },
  { additionalProperties: false },
);
