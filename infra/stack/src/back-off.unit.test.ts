import { describe, expect, test } from 'vitest'
import { backOffMs, failuresAfter } from './back-off.ts'

describe('back-off', () => {
  test('doubles from 0.2 s and stays at 5 s', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map(backOffMs)).toEqual([200, 400, 800, 1600, 3200, 5000, 5000])
  })

  test('begins anew after 30 s of health, and not before', () => {
    expect(failuresAfter(4, 29_999)).toBe(5)
    expect(failuresAfter(4, 30_000)).toBe(1)
  })
})
