import { type Static, Type } from 'typebox';

/** Bytes of a bad record that are kept for a person to look at. */
export const rejectSampleBytesMax = 1024;

/** A record that could not be taken, with the reason: nothing is dropped in silence. */
export const rejectSchema = Type.Object(
  {
    id: Type.String(),
    time: Type.Integer({ description: 'When it was refused, UTC ms' }),
    space: Type.String(),
    source: Type.String({ description: 'Who sent it: shipper name or address' }),
    format: Type.String({ description: 'Wire format that it came in' }),
    reason: Type.String({ description: 'Which field, what is wrong, what would be right' }),
    sample: Type.String({ description: 'The beginning of the record' }),
  },
  { additionalProperties: false, $id: 'Reject' },
);
export type Reject = Static<typeof rejectSchema>;
