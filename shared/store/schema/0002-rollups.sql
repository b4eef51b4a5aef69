-- Per-minute sums kept by materialised views: events -> edges_minute -> agents_minute -> agents, and -> edges. Each
-- step reads the sums of the one before, so that the cost of a batch grows with its edges and not with its events.
-- Every table repeats the deduplication of its source: a repeated batch adds nothing anywhere.
CREATE TABLE IF NOT EXISTS edges_minute
(
    space LowCardinality(String),
    source LowCardinality(String),
    destination LowCardinality(String),
    minute Int64 CODEC(DoubleDelta, LZ4),
    received_on Date,
    events SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    denied SimpleAggregateFunction(sum, UInt64),
    bytes_out SimpleAggregateFunction(sum, UInt64),
    bytes_in SimpleAggregateFunction(sum, UInt64),
    duration_ms SimpleAggregateFunction(sum, Float64),
    timed SimpleAggregateFunction(sum, UInt64),
    first_time SimpleAggregateFunction(min, Int64),
    last_time SimpleAggregateFunction(max, Int64),
    INDEX by_destination destination TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(received_on)
ORDER BY (space, source, destination, minute, received_on)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS edges_minute_of_events TO edges_minute AS
SELECT
    space,
    source,
    destination,
    time - positiveModulo(time, 60000) AS minute,
    toDate(intDiv(received_at, 1000), 'UTC') AS received_on,
    count() AS events,
    countIf(outcome IN ('error', 'timeout')) AS errors,
    countIf(outcome = 'denied') AS denied,
    sum(ifNull(events.bytes_out, 0)) AS bytes_out,
    sum(ifNull(events.bytes_in, 0)) AS bytes_in,
    sum(ifNull(events.duration_ms, 0)) AS duration_ms,
    count(events.duration_ms) AS timed,
    min(time) AS first_time,
    max(time) AS last_time
FROM events
GROUP BY space, source, destination, minute, received_on;

CREATE TABLE IF NOT EXISTS agents_minute
(
    space LowCardinality(String),
    agent LowCardinality(String),
    side Enum8('source' = 1, 'destination' = 2),
    minute Int64 CODEC(DoubleDelta, LZ4),
    received_on Date,
    events SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    denied SimpleAggregateFunction(sum, UInt64),
    bytes_out SimpleAggregateFunction(sum, UInt64),
    bytes_in SimpleAggregateFunction(sum, UInt64),
    duration_ms SimpleAggregateFunction(sum, Float64),
    timed SimpleAggregateFunction(sum, UInt64),
    peers AggregateFunction(uniq, String),
    first_time SimpleAggregateFunction(min, Int64),
    last_time SimpleAggregateFunction(max, Int64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(received_on)
ORDER BY (space, agent, minute, side, received_on)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS agents_minute_of_edges TO agents_minute AS
SELECT
    space,
    party.1 AS agent,
    party.2 AS side,
    minute,
    received_on,
    sum(edges_minute.events) AS events,
    sum(edges_minute.errors) AS errors,
    sum(edges_minute.denied) AS denied,
    sum(edges_minute.bytes_out) AS bytes_out,
    sum(edges_minute.bytes_in) AS bytes_in,
    sum(edges_minute.duration_ms) AS duration_ms,
    sum(edges_minute.timed) AS timed,
    uniqState(party.3) AS peers,
    min(edges_minute.first_time) AS first_time,
    max(edges_minute.last_time) AS last_time
FROM edges_minute
ARRAY JOIN [
    (toString(source), 'source', toString(destination)),
    (toString(destination), 'destination', toString(source))
] AS party
GROUP BY space, agent, side, minute, received_on;

CREATE TABLE IF NOT EXISTS edges
(
    space LowCardinality(String),
    source LowCardinality(String),
    destination LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    denied SimpleAggregateFunction(sum, UInt64),
    first_time SimpleAggregateFunction(min, Int64),
    last_time SimpleAggregateFunction(max, Int64),
    INDEX by_destination destination TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (space, source, destination)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS edges_of_edges_minute TO edges AS
SELECT
    space,
    source,
    destination,
    sum(edges_minute.events) AS events,
    sum(edges_minute.errors) AS errors,
    sum(edges_minute.denied) AS denied,
    min(edges_minute.first_time) AS first_time,
    max(edges_minute.last_time) AS last_time
FROM edges_minute
GROUP BY space, source, destination;

CREATE TABLE IF NOT EXISTS agents
(
    space LowCardinality(String),
    agent String,
    events_as_source SimpleAggregateFunction(sum, UInt64),
    events_as_destination SimpleAggregateFunction(sum, UInt64),
    errors SimpleAggregateFunction(sum, UInt64),
    denied SimpleAggregateFunction(sum, UInt64),
    peers AggregateFunction(uniq, String),
    first_time SimpleAggregateFunction(min, Int64),
    last_time SimpleAggregateFunction(max, Int64)
)
ENGINE = AggregatingMergeTree
ORDER BY (space, agent)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS agents_of_agents_minute TO agents AS
SELECT
    space,
    toString(agents_minute.agent) AS agent,
    sumIf(agents_minute.events, side = 'source') AS events_as_source,
    sumIf(agents_minute.events, side = 'destination') AS events_as_destination,
    sum(agents_minute.errors) AS errors,
    sum(agents_minute.denied) AS denied,
    uniqMergeState(agents_minute.peers) AS peers,
    min(agents_minute.first_time) AS first_time,
    max(agents_minute.last_time) AS last_time
FROM agents_minute
GROUP BY space, agent;
