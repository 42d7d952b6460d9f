/** A bucket that holds `burst` tokens and gains `perSecond`; time is given, so that it can be tested. */
interface Bucket {
  tokens: number
  at: number
}

const take = (bucket: Bucket, now: number, perSecond: number, burst: number): boolean => {
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
  bucket.at = now
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
}

/** Meta's pair rate: one message in six seconds to one customer, with a burst of 45 to pay back. */
export const metaPairRate: RateLimit = { perSecond: 1 / 6, burst: 45 }

const bucketsMax = 50_000

/** One bucket per key (a number, or a number and a customer). Undefined limit: everything passes. */
export const rateLimiter = (limit: RateLimit | undefined) => {
  const buckets = new Map<string, Bucket>()
  return {
    take: (key: string, now: number): boolean => {
      if (limit === undefined) return true
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        bucket = { tokens: limit.burst, at: now }
        const oldest = buckets.keys().next()
        if (buckets.size >= bucketsMax && oldest.done !== true) buckets.delete(oldest.value)
        buckets.set(key, bucket)
      }
      return take(bucket, now, limit.perSecond, limit.burst)
    },
    clear: (): void => buckets.clear(),
  }
}
