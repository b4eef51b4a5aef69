-- How a signal's p was combined and calibrated: the JSON of the log, kept as text, so that it can be reckoned again.
ALTER TABLE signals ADD COLUMN IF NOT EXISTS reckoning Nullable(String) CODEC(ZSTD(3)) AFTER evidence;

ALTER TABLE alert_history ADD COLUMN IF NOT EXISTS reckoning Nullable(String) CODEC(ZSTD(3)) AFTER evidence;

ALTER TABLE alerts ADD COLUMN IF NOT EXISTS reckoning Nullable(String) CODEC(ZSTD(3)) AFTER evidence;
