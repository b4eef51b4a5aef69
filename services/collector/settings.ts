import { Type } from 'typebox';
import { secret } from '#shared/config.ts';
import { mappingSchema, mappingsMax } from './declared-mapping.ts';

const mebibyte = 2 ** 20;

/** Settings of the collector: the section `collector` of `amiss.yaml`. */
export const collectorSettings = Type.Object(
  {
    body_bytes_max: Type.Integer({
      default: 16 * mebibyte,
      minimum: 1024,
      description: 'Bytes of one request as it arrives; 413 beyond it',
    }),
    unpacked_bytes_max: Type.Integer({
      default: 64 * mebibyte,
      minimum: 1024,
      maximum: 256 * mebibyte,
      description: 'Bytes of one request after decompression; 413 beyond it',
    }),
    batch_records_max: Type.Integer({
      default: 200_000,
      minimum: 1,
      description: 'Records of one request; 413 beyond it',
    }),
    in_flight_bytes_max: Type.Integer({
      default: 256 * mebibyte,
      minimum: 1024,
      description: 'Unpacked bytes that wait for the log over all requests; 429 beyond it',
    }),
    rate_records_per_second: Type.Number({
      default: 0,
      minimum: 0,
      description: 'Records that one sender may deliver, with a burst of ten seconds; 0 sets no limit',
    }),
    lag_records_max: Type.Integer({
      default: 20_000_000,
      minimum: 0,
      description:
        'Records that the slowest reader may be behind before the collector says 429; 0 sets no limit',
    }),
    clock_ahead_seconds_max: Type.Number({
      default: 600,
      minimum: 0,
      description: 'How far ahead of our clock a record may claim to be; beyond it it is rejected',
    }),
    fold_seconds: Type.Number({
      default: 30,
      minimum: 0,
      description: 'For how long the second sighting of a call is folded into the first',
    }),
    mappings: Type.Array(mappingSchema, {
      maxItems: mappingsMax,
      default: [],
      description: 'Schemas of your own, tried before the built-in ones',
    }),
    hash_key: secret(
      Type.String({
        default: '',
        description:
          'Key of the HMAC that stands for tokens and hashed resources, the same for every collector; made and kept in the data folder when empty',
      }),
    ),
    hash_resources: Type.Boolean({
      default: false,
      description: 'Store recipients, hosts and accounts as digests only',
    }),
  },
  { additionalProperties: false },
);
