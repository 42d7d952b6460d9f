/** By how much the service's clock is ahead of this machine's, as far as its answers say. */
let ahead = { leastMs: -Infinity, mostMs: Infinity }

/**
 * Every time that is shown or counted down to is the service's, so a machine whose clock is wrong would close the reply window early and
 * let no offer stand. An answer says when it was made, by the second, and it was made while it was waited for: each narrows what is
 * known, and one that does not fit says that a clock was set.
 * @param date the answer's header
 */
export function hearServiceTime(date: string | null, askedAtMs: number, answeredAtMs = Date.now()): void {
  const saidMs = Date.parse(date ?? '')
  if (Number.isNaN(saidMs)) return
  const heard = { leastMs: saidMs - answeredAtMs, mostMs: saidMs + 1_000 - askedAtMs }
  const leastMs = Math.max(ahead.leastMs, heard.leastMs)
  const mostMs = Math.min(ahead.mostMs, heard.mostMs)
  ahead = leastMs > mostMs ? heard : { leastMs, mostMs }
}

/** By the service's clock. One that may be right is never moved. */
export function serviceNow(): number {
  const { leastMs, mostMs } = ahead
  const mayBeRight = leastMs <= 0 && mostMs >= 0
  return Date.now() + (mayBeRight ? 0 : (leastMs + mostMs) / 2)
}
