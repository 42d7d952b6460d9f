import { describe, expect, test } from 'vitest'
import { faultPlan, readFaults, type Faults } from './faults.ts'

const same = (id: string): string => id
const strikes = (faults: Faults, customer: string, times = 200): boolean[] => {
  const plan = faultPlan(faults, same)
  return Array.from({ length: times }, () => plan.strikes('duplicate', customer))
}

describe('a fault plan', () => {
  test('with the same seed strikes the same messages', () => {
    expect(strikes({ duplicate: 0.5, seed: 7 }, 'a')).toEqual(strikes({ duplicate: 0.5, seed: 7 }, 'a'))
    expect(strikes({ duplicate: 0.5, seed: 7 }, 'a')).not.toEqual(strikes({ duplicate: 0.5, seed: 8 }, 'a'))
  })

  test('strikes one customer the same however the others interleave', () => {
    const alone = strikes({ duplicate: 0.5, seed: 7 }, 'a', 50)
    const plan = faultPlan({ duplicate: 0.5, reorder: 0.5, seed: 7 }, same)
    const among = Array.from({ length: 50 }, () => {
      plan.strikes('duplicate', 'b')
      plan.strikes('reorder', 'a')
      return plan.strikes('duplicate', 'a')
    })
    expect(among).toEqual(alone)
  })

  test('strikes about as often as it was told to', () => {
    const struck = strikes({ duplicate: 0.25, seed: 3 }, 'a', 4000).filter(Boolean).length
    expect(struck).toBeGreaterThan(900)
    expect(struck).toBeLessThan(1100)
    expect(strikes({ duplicate: 1, seed: 1 }, 'a').every(Boolean)).toBe(true)
    expect(strikes({ duplicate: 0, seed: 1 }, 'a').some(Boolean)).toBe(false)
  })

  test('for one customer leaves the others alone', () => {
    const plan = faultPlan({ duplicate: 1, delayMs: 50, waId: 'a' }, same)
    expect([plan.strikes('duplicate', 'a'), plan.strikes('duplicate', 'b')]).toEqual([true, false])
    expect([plan.delayMs('a'), plan.delayMs('b')]).toEqual([50, 0])
  })
})

describe('faults that make no sense are refused with what is wrong', () => {
  const cases: [string, unknown, string][] = [
    ['a rate over 1', { duplicate: 1.5 }, 'duplicate'],
    ['a rate that is no number', { reorder: 'often' }, 'reorder'],
    ['an error without a rate', { error: { status: 500, code: 1 } }, 'error.rate'],
    ['a status that is no error', { error: { rate: 1, status: 200, code: 1 } }, 'error.status'],
    ['a negative delay', { delayMs: -1 }, 'delayMs'],
    ['an unknown fault', { gravity: 1 }, 'gravity'],
    ['no object', 7, 'faults'],
  ]
  test.each(cases)('%s', (_, body, named) => {
    expect(readFaults(body)).toEqual({ problems: [expect.stringContaining(named)] })
  })
  test('no faults are fine', () => expect(readFaults({})).toEqual({ faults: {} }))
})
