import { expect, test } from 'vitest'
import { figureId } from '../reader/metric-projection.ts'
import { type Counted, FigureComparison, type Figures } from './comparing-figures.ts'

const FIGURE = figureId({ metric: 'added', key: 'all', window: '2026-01-05', partition: 3 })

/** A version as its reader goes on: `at` says what it counted, and how far it is in the partition. */
function version() {
  let counted: Counted | undefined
  let next = 0n
  const figures: Figures = {
    ids: async () => (counted === undefined ? [] : [FIGURE]),
    counted: async () => new Map(counted === undefined ? [] : [[FIGURE, counted]]),
    handled: async (partitions) => new Map(partitions.map((partition) => [partition, next])),
  }
  return {
    figures,
    at(through: number, sum: number, handledBefore = through + 1) {
      counted = { through, sums: String(sum) }
      next = BigInt(handledBefore)
    },
    hasHandled(before: number) {
      next = BigInt(before)
    },
  }
}

function two() {
  const [live, built] = [version(), version()]
  const comparison = new FigureComparison(live.figures, built.figures)
  return { live, built, look: async () => (await comparison.look([FIGURE])).get(FIGURE), comparison }
}

test('two that counted up to the same offset must have the same sums', async () => {
  const { live, built, look } = two()
  live.at(9, 5)
  built.at(9, 5)
  expect(await look()).toBe('same')
  built.at(9, 4)
  expect(await look()).toBe('different')
})

test('one that is behind moves: nothing is said of it yet', async () => {
  const { live, built, look } = two()
  live.at(9, 5)
  built.at(7, 4, 8)
  expect(await look()).toBe('moving')
})

test('two that are never at one offset at one moment are compared by what each was seen to hold there', async () => {
  const { live, built, look } = two()
  live.at(9, 5)
  built.at(7, 4)
  expect(await look()).toBe('moving')
  live.at(11, 7)
  built.at(9, 5)
  expect(await look()).toBe('same')
  live.at(13, 8)
  built.at(11, 6)
  expect(await look()).toBe('different')
})

test('what one counted and the other read past, or lacks altogether, differs', async () => {
  const { live, built, look } = two()
  live.at(9, 5)
  built.at(7, 4, 10)
  expect(await look()).toBe('different')
  const none = two()
  none.live.at(9, 5)
  none.built.hasHandled(9)
  expect(await none.look()).toBe('moving')
  none.built.hasHandled(10)
  expect(await none.look()).toBe('different')
})

test('the figures of either version are compared', async () => {
  const { built, comparison } = two()
  built.at(9, 5)
  expect(await comparison.ids()).toEqual([FIGURE])
})
