/** How many may go, and how fast the right to go comes back. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

export interface TokenBucket {
  readonly tokens: number
  readonly at: number
}

export function fullBucket(rate: Rate, now: number): TokenBucket {
  return { tokens: rate.burst, at: now }
}

export function refilled(bucket: TokenBucket, rate: Rate, now: number): TokenBucket {
  const elapsed = Math.max(0, now - bucket.at)
  return {
    tokens: Math.min(rate.burst, bucket.tokens + (elapsed / 1000) * rate.perSecond),
    at: Math.max(now, bucket.at),
  }
}

/** 0: a token is there now. Infinity: there never will be one. */
export function waitForToken(bucket: TokenBucket, rate: Rate, now: number): number {
  const { tokens } = refilled(bucket, rate, now)
  // A rounding error must not make a waiter come one tick too early, again and again.
  if (tokens >= 1 - 1e-9) return 0
  return rate.perSecond > 0 ? Math.ceil(((1 - tokens) / rate.perSecond) * 1000) : Infinity
}

export function takeToken(bucket: TokenBucket, rate: Rate, now: number): TokenBucket {
  const { tokens, at } = refilled(bucket, rate, now)
  return { tokens: Math.max(0, tokens - 1), at }
}
