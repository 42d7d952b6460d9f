import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CalendarsModel, calendarsIn } from './queue-calendars.ts'

const A_WHILE_MS = 1_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** The one document of a store that may be away. */
function store() {
  const found = { configuration: { queues: [], zones: [] } }
  const state = { isAway: false }
  const findOne = async () => (state.isAway ? Promise.reject(new Error('away')) : found)
  return { found, state, model: { collection: { findOne } } as unknown as CalendarsModel }
}

test('while the store is away, the hours are those that it last said', async () => {
  const { found, state, model } = store()
  const calendars = calendarsIn({ model })
  expect(await calendars()).toBe(found.configuration)
  state.isAway = true
  vi.advanceTimersByTime(A_WHILE_MS)
  expect(await calendars()).toBe(found.configuration)
})

test('where it was away from the beginning, they are known as soon as it is back', async () => {
  const { found, state, model } = store()
  state.isAway = true
  const calendars = calendarsIn({ model })
  await expect(calendars()).rejects.toThrow('away')
  state.isAway = false
  vi.advanceTimersByTime(A_WHILE_MS)
  expect(await calendars()).toBe(found.configuration)
})
