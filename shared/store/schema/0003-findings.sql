-- Signals, and alerts with their history. Rows are few, so that a repeat is also folded by key: one row for each signal
-- id and for each alert id and revision, whatever happens to the deduplication window. Evidence and techniques are the
-- JSON of the log, kept as text. `recorded_at` is what retention counts from: event time may lie years back in a replay.
CREATE TABLE IF NOT EXISTS signals
(
    id String,
    time Int64 CODEC(DoubleDelta, LZ4),
    space LowCardinality(String),
    agent String,
    peer Nullable(String),
    cause String,
    p Float64,
    score Float64,
    evidence String CODEC(ZSTD(3)),
    first_seen Nullable(String) CODEC(ZSTD(3)),
    events Array(String) CODEC(ZSTD(3)),
    trace_id Nullable(String),
    recorded_at DateTime('UTC') DEFAULT now('UTC'),
    INDEX by_cause cause TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (space, agent, time, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS alert_history
(
    id String,
    revision UInt32,
    space LowCardinality(String),
    time Int64,
    updated_at Int64,
    agent String,
    peers Array(String),
    cause String,
    title String,
    sentence String,
    severity UInt8,
    score Float64,
    p Float64,
    detectors Array(String),
    evidence String CODEC(ZSTD(3)),
    first_seen Nullable(String) CODEC(ZSTD(3)),
    signals UInt32,
    events Array(String) CODEC(ZSTD(3)),
    techniques String CODEC(ZSTD(3)),
    status LowCardinality(String),
    recorded_at DateTime('UTC') DEFAULT now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (space, id, revision)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The newest revision of each alert: what the queue of an analyst shows.
CREATE TABLE IF NOT EXISTS alerts AS alert_history
ENGINE = ReplacingMergeTree(revision)
ORDER BY (space, id)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS alerts_of_history TO alerts AS SELECT * FROM alert_history;
