/**
 * The partition that Kafka's own default (Java) gives to a key: tools and consumers in other languages find the same one.
 * Both adapters use it, so what a test sees in memory is what the broker does.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions
}

/** https://github.com/apache/kafka/blob/4.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java (murmur2) */
export function murmur2(bytes: Uint8Array): number {
  const mixer = 0x5bd1e995
  let hash = 0x9747b28c ^ bytes.length
  const wholeWords = bytes.length & ~3
  for (let at = 0; at < wholeWords; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, mixer)
    word ^= word >>> 24
    word = Math.imul(word, mixer)
    hash = Math.imul(hash, mixer) ^ word
  }
  const rest = bytes.length - wholeWords
  if (rest === 3) hash ^= bytes[wholeWords + 2]! << 16
  if (rest >= 2) hash ^= bytes[wholeWords + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ bytes[wholeWords]!, mixer)
  hash ^= hash >>> 13
  hash = Math.imul(hash, mixer)
  return hash ^ (hash >>> 15)
}
