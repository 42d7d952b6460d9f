import { expect, test } from 'vitest'
import { growth } from './cost.ts'

const steps = (count: number) => {
  let sum = 0
  for (let step = 0; step < count; step += 1) sum += Math.sqrt(step)
  return sum
}

test('work by the length and work by its square are told apart', () => {
  expect(growth(20_000, (length) => steps(length))).toBeLessThan(80)
  expect(growth(200, (length) => steps(length * length))).toBeGreaterThan(80)
})
