-- Events as the log holds them: the columns are the fields of an event, so that NDJSON is inserted as it is.
-- Times are UTC milliseconds in Int64: DateTime64 reads a number below 10^12 (before September 2001) as seconds.
-- Days of receipt, not of occurrence, part the table: a shipper's wrong clock cannot make a thousand partitions of
-- one batch, replayed history is not expired on arrival, and a repeated batch always meets its own partition.
CREATE TABLE IF NOT EXISTS events
(
    id UUID,
    time Int64 CODEC(DoubleDelta, LZ4),
    received_at Int64 CODEC(DoubleDelta, LZ4),
    space LowCardinality(String),
    source LowCardinality(String),
    destination LowCardinality(String),
    source_kind LowCardinality(Nullable(String)),
    destination_kind LowCardinality(Nullable(String)),
    source_zone LowCardinality(Nullable(String)),
    destination_zone LowCardinality(Nullable(String)),
    source_address Nullable(String) CODEC(ZSTD(1)),
    destination_address Nullable(String) CODEC(ZSTD(1)),
    destination_port Nullable(UInt16),
    source_version LowCardinality(Nullable(String)),
    protocol LowCardinality(Nullable(String)),
    action LowCardinality(Nullable(String)),
    resources Array(String) CODEC(ZSTD(1)),
    outcome LowCardinality(Nullable(String)),
    status LowCardinality(Nullable(String)),
    bytes_out Nullable(UInt64) CODEC(ZSTD(1)),
    bytes_in Nullable(UInt64) CODEC(ZSTD(1)),
    duration_ms Nullable(Float64) CODEC(ZSTD(1)),
    auth_method LowCardinality(Nullable(String)),
    auth_subject LowCardinality(Nullable(String)),
    token_id Nullable(String) CODEC(ZSTD(1)),
    token_issued_at Nullable(Int64) CODEC(ZSTD(1)),
    token_expires_at Nullable(Int64) CODEC(ZSTD(1)),
    mfa Nullable(Bool),
    tls_version LowCardinality(Nullable(String)),
    tls_cipher LowCardinality(Nullable(String)),
    mtls Nullable(Bool),
    trace_id Nullable(String) CODEC(ZSTD(1)),
    span_id Nullable(String) CODEC(ZSTD(1)),
    session Nullable(String) CODEC(ZSTD(1)),
    observer LowCardinality(Nullable(String)),
    shipper LowCardinality(Nullable(String)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    -- For dashboards and people; events are asked for by the milliseconds.
    time_utc DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(time, 'UTC'),
    INDEX time_range time TYPE minmax GRANULARITY 1,
    INDEX by_destination destination TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_id id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toDate(intDiv(received_at, 1000), 'UTC')
ORDER BY (space, source, time)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1;
