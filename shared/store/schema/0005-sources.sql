-- What each source delivered, by the minute of receipt: one row for each collector, whose later revision replaces the
-- earlier one. Delays are receipt minus event time; null where no record was accepted.
CREATE TABLE IF NOT EXISTS sources_minute
(
    minute Int64 CODEC(DoubleDelta, LZ4),
    space LowCardinality(String),
    source String,
    format LowCardinality(String),
    collector LowCardinality(String),
    revision UInt32,
    shipper Nullable(String),
    last_seen Int64,
    accepted UInt64,
    rejected UInt64,
    bytes UInt64,
    busy UInt64,
    refused UInt64,
    delay_least_ms Nullable(Int64),
    delay_median_ms Nullable(Int64)
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toDate(intDiv(minute, 1000), 'UTC')
ORDER BY (space, source, format, minute, collector)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1;
