import { type Static, Type } from 'typebox';

const template = (description: string) => Type.String({ minLength: 1, maxLength: 1024, description });
const templates = Type.Record(Type.String({ maxLength: 128 }), template('Text with {path | filter} places'));

/** One entry of `collector.mappings`: how records that no built-in schema knows become events. */
export const mappingSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'What a route names' }),
    when: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'Path and the text that it must have; `*` for any. All must hold',
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'For lines of text: a regular expression whose named groups become the fields',
      }),
    ),
    fields: templates,
    resources: Type.Optional(Type.Array(template('Whom or what the call touches'), { maxItems: 8 })),
    attributes: Type.Optional(templates),
    lookups: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.String()), {
        description: 'Tables for the filter lookup:NAME; the key `*` is for what is not listed',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The operator's mappings, of which a record takes the first that fits. */
export const mappingsMax = 256;

export type Mapping = Static<typeof mappingSchema>;
