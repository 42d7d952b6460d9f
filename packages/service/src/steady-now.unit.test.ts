import { expect, onTestFinished, test, vi } from 'vitest'
import { steadyNow } from './steady-now.ts'

test('the time goes on from the time of day, and does not follow it when it is set', () => {
  const before = steadyNow()
  expect(Math.abs(before - Date.now())).toBeLessThan(60_000)
  vi.useFakeTimers({ toFake: ['Date'], now: before - 3_600_000 })
  onTestFinished(() => void vi.useRealTimers())
  expect(steadyNow()).toBeGreaterThanOrEqual(before)
})
