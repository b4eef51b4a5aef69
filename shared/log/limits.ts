/**
 * Bytes of key and value of one record, at the most, in every implementation of the log: an append with a larger
 * one is rejected with INPUT_TOO_LARGE. Kafka topics are created with room for it.
 */
export const recordBytesMax = 8 * 2 ** 20;

/** Characters of a commit's note: what Kafka's `offset.metadata.max.bytes` allows by default. */
export const metadataCharsMax = 4096;

/** Records of a batch for a consumer that does not say. */
export const batchRecordsDefault = 2_000;

/** Bytes after which a batch is closed even when it has few records; one larger record still makes a batch. */
export const batchBytesMax = 4 * 2 ** 20;
