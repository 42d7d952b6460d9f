import { expect, test } from 'vitest'
import { Chance } from './chance.ts'

const drawn = (seed: number): unknown[] => {
  const chance = new Chance(seed)
  return [chance.shuffled(['a', 'b', 'c', 'd', 'e']), chance.between(0, 1_000_000), chance.one([1, 2, 3])]
}

test('a seed repeats every choice, and another makes others', () => {
  expect(drawn(8)).toEqual(drawn(8))
  expect(drawn(8)).not.toEqual(drawn(9))
})

test('all of a range comes up, and nothing beyond it', () => {
  const chance = new Chance(1)
  const numbers = Array.from({ length: 500 }, () => chance.between(2, 5))
  expect(new Set(numbers)).toEqual(new Set([2, 3, 4]))
})
