/** How far the service's clock is ahead of this machine's. */
let aheadMs = 0

/**
 * Every time that is shown or counted down to is the service's, so a machine whose clock is wrong would close the reply window early and
 * let no offer stand. An answer says when it was made, by the second, and it was made after it was asked for: as long as what is known
 * lies within that, it stands, so that a clock that is right is never moved.
 * @param date the answer's header
 */
export function hearServiceTime(date: string | null, askedAtMs: number, answeredAtMs = Date.now()): void {
  const saidMs = Date.parse(date ?? '')
  if (Number.isNaN(saidMs)) return
  const [least, most] = [saidMs - answeredAtMs, saidMs + 1_000 - askedAtMs]
  if (aheadMs < least || aheadMs > most) aheadMs = (least + most) / 2
}

/** By the service's clock. */
export const serviceNow = (): number => Date.now() + aheadMs
