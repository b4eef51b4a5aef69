/**
 * The partition of a key: Kafka's own rule (murmur2 over the UTF-8 bytes, sign bit cleared, modulo), so that a
 * foreign producer with the default partitioner and Amiss agree.
 *
 * @param key any string
 * @param partitions at least 1
 * @source org.apache.kafka.common.utils.Utils.murmur2 (Apache Kafka), after Austin Appleby's MurmurHash2
 * @example partitionOf('21', 1000); // => 340, murmur2('21') = -973932308 in Kafka's UtilsTest
 */
export function partitionOf(key: string, partitions: number): number {
  if (partitions === 1) return 0;
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;
}

const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

function murmur2(bytes: Buffer): number {
  let hash = seed ^ bytes.length;
  const wordsEnd = bytes.length - (bytes.length % 4);
  for (let i = 0; i < wordsEnd; i += 4) {
    let word = Math.imul(bytes.readInt32LE(i), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const rest = bytes.length - wordsEnd;
  if (rest === 3) hash ^= (bytes[wordsEnd + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (bytes[wordsEnd + 1] ?? 0) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[wordsEnd] ?? 0), multiplier);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}
