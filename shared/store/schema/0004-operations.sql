-- What the system itself did: records it refused, what people decided, what it told whom. Their times are our own
-- clock's, so that retention may count from them.
CREATE TABLE IF NOT EXISTS rejects
(
    id String,
    time Int64 CODEC(DoubleDelta, LZ4),
    space LowCardinality(String),
    source LowCardinality(String),
    format LowCardinality(String),
    reason String CODEC(ZSTD(3)),
    sample String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(intDiv(time, 1000), 'UTC')
ORDER BY (space, time, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1;

-- Every decision ever taken; the log keeps only the newest of each key.
CREATE TABLE IF NOT EXISTS decisions
(
    id String,
    key String,
    kind LowCardinality(String),
    time Int64,
    space LowCardinality(String),
    by LowCardinality(String),
    reason String,
    body String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (space, key, time, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- One row for each attempt of each message; of two records of one attempt the later one counts.
CREATE TABLE IF NOT EXISTS deliveries
(
    id String,
    attempt UInt32,
    time Int64,
    space LowCardinality(String),
    alert String,
    revision UInt32,
    target LowCardinality(String),
    state LowCardinality(String),
    status Nullable(UInt16),
    reason String,
    next_attempt_at Nullable(Int64),
    duration_ms Float64
)
ENGINE = ReplacingMergeTree(time)
ORDER BY (space, alert, id, attempt)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;
