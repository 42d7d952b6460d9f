import { expect, test } from 'vitest'
import { hearServiceTime, serviceNow } from './clock.ts'

test('the service’s time is kept by its answers, within their second and their way', () => {
  const now = Date.now()
  const heard = (aheadMs: number, tookMs: number) =>
    hearServiceTime(new Date(now + aheadMs).toUTCString(), now - tookMs, now)
  const isAhead = (expectedMs: number) =>
    expect(Math.abs(serviceNow() - Date.now() - expectedMs)).toBeLessThan(1_000)
  heard(0, 300)
  isAhead(0)
  // Made at any moment of its way: the clock may be right.
  heard(-4_000, 9_000)
  isAhead(0)
  heard(-3_600_000, 40)
  isAhead(-3_600_000)
  heard(-3_604_000, 9_000)
  isAhead(-3_600_000)
  heard(300_000, 40)
  isAhead(300_000)
  hearServiceTime(null, now, now)
  hearServiceTime('soon', now, now)
  isAhead(300_000)
  heard(0, 300)
  isAhead(0)
})
