import { expect, test } from 'vitest'
import { lineStateOf } from './line-state.ts'

const told = (behindSeconds: number) => ({ cameAtMs: 10_000, behindMs: behindSeconds * 1_000 })

test('a board that is told new numbers all the time, though they lag, is neither live nor silent', () => {
  expect(lineStateOf(told(9), 0, 10_300)).toEqual({ kind: 'behind', forMs: 9_300, isStopped: true })
  expect(lineStateOf(told(2), 0, 10_300)).toEqual({ kind: 'behind', forMs: 2_300, isStopped: false })
  expect(lineStateOf(told(0), 0, 10_400)).toEqual({ kind: 'live', forMs: 400, isStopped: false })
})

test('a board that hears nothing any more is lost, and not live, whether it lagged before or not', () => {
  for (const behindSeconds of [0, 9])
    expect(lineStateOf(told(behindSeconds), 0, 17_001)).toEqual({
      kind: 'lost',
      forMs: 7_001,
      isStopped: true,
    })
})

test('a board that was never told anything connects, and says so plainly after a while', () => {
  expect(lineStateOf(undefined, 1_000, 8_000)).toEqual({ kind: 'connecting', forMs: 7_000, isStopped: false })
  expect(lineStateOf(undefined, 1_000, 8_001)).toMatchObject({ kind: 'connecting', isStopped: true })
})
