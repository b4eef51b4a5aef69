import { Type } from 'typebox';
import { secret } from '#shared/config.ts';
import { mappingSchema, mappingsMax } from './declared-mapping.ts';
import { kafkaTopicSchema } from './listeners/kafka-source.ts';
import { shipperSchema } from './shippers.ts';

const mebibyte = 2 ** 20;

const address = (port: string, what: string) =>
  Type.String({ default: '', description: `host:port of ${what} (usual port ${port}); off when empty` });

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
    otlp_http_listen: address('4318', 'OTLP over HTTP alone'),
    otlp_grpc_listen: address('4317', 'OTLP over gRPC'),
    hec_listen: address('8088', 'Splunk HEC alone'),
    elastic_listen: address('9200', 'Elasticsearch _bulk alone'),
    syslog_listen: address('5514', 'syslog over TCP'),
    syslog_tls_listen: address('6514', 'syslog over TLS'),
    syslog_zone: Type.String({
      default: 'UTC',
      description:
        'Zone of times that have none, as in syslog of RFC 3164: an IANA name such as Europe/Berlin',
    }),
    forward_listen: address('24224', 'Fluent forward'),
    tls_cert_file: Type.String({ default: '', description: 'Certificate of the listeners above, PEM' }),
    tls_key_file: Type.String({ default: '', description: 'Its private key, PEM' }),
    tls_ca_file: Type.String({
      default: '',
      description: 'Who signs client certificates, PEM; with it syslog over TLS and gRPC ask for one',
    }),
    kafka_brokers: Type.Array(Type.String(), {
      default: [],
      description: 'host:port of the brokers whose topics are read; those of the event log when empty',
    }),
    kafka_group: Type.String({ default: 'amiss-ingest', description: 'Consumer group at those brokers' }),
    kafka_topics: Type.Array(kafkaTopicSchema, {
      default: [],
      maxItems: 256,
      description: 'Topics of others to read',
    }),
    require_token: Type.Boolean({
      default: false,
      description: 'Ask for a credential on loopback too, as behind a proxy of this machine',
    }),
    shippers: Type.Array(shipperSchema, {
      default: [],
      maxItems: 10_000,
      description: 'Who may deliver, and for which agents',
    }),
    strict_bulk: Type.Boolean({
      default: false,
      description:
        'Answer a bad document of _bulk with an error, instead of keeping it among the rejects alone',
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
