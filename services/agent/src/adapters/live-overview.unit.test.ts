import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@parley/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type LiveState, type LiveWord, liveOverview } from './live-overview.ts'

function watched({ refreshMs = 20, gapMs = 1 } = {}) {
  let state: LiveState = {
    company: 'Banco Aurora',
    isFollowing: true,
    staleContactCount: 0,
    withRobotCount: 1,
    waitingCount: 0,
    endingCount: 0,
    closedTodayCount: 0,
    waiting: [],
  }
  let reads = 0
  let failure: Error | undefined
  const errors: unknown[] = []
  const live = liveOverview({
    async read() {
      reads += 1
      if (failure !== undefined) throw failure
      return state
    },
    now: () => new Date(0),
    onError: (error) => errors.push(error),
    refreshMs,
    gapMs,
  })
  return {
    live,
    errors,
    reads: () => reads,
    write: (more: Partial<LiveState>) => (state = { ...state, ...more }),
    fail: (error: Error | undefined) => (failure = error),
    [Symbol.dispose]: () => live.close(),
  }
}

function listener() {
  const words: LiveWord[] = []
  return {
    words,
    hear: (word: LiveWord) => void words.push(word),
    states: () => words.filter(({ kind }) => kind === 'state'),
  }
}

test('who begins to listen gets the state at once, then beats until it changes', async () => {
  using service = watched()
  const { words, hear, states } = listener()
  service.live.subscribe(hear)
  await until('it beats', () => words.length >= 3)
  expect(words.slice(0, 3).map(({ kind }) => kind)).toEqual(['state', 'beat', 'beat'])
  service.write({ waitingCount: 4 })
  await until('the next state is told', () => states().length === 2)
  expect(states()[1]).toMatchObject({ state: { waitingCount: 4 } })
})

test('what this replica wrote is told without waiting for the next refresh', async () => {
  using service = watched({ refreshMs: 60_000 })
  const { states, hear } = listener()
  service.live.subscribe(hear)
  await until('the state is told', () => states().length === 1)
  service.write({ waitingCount: 1 })
  service.live.changed()
  await until('the next state is told', () => states().length === 2)
  expect(states()[1]).toMatchObject({ state: { waitingCount: 1 } })
})

test('who comes back with the state it has gets beats; with an older one, the state', async () => {
  using service = watched()
  const first = listener()
  service.live.subscribe(first.hear)
  await until('it is told', () => first.words.length > 0)
  const known = first.words[0]?.kind === 'state' ? first.words[0].id : ''
  const [current, outdated] = [listener(), listener()]
  service.live.subscribe(current.hear, known)
  service.live.subscribe(outdated.hear, 'an older one')
  await until('both are told', () => current.words.length > 0 && outdated.words.length > 0)
  expect(current.words[0]?.kind).toBe('beat')
  expect(outdated.words[0]?.kind).toBe('state')
})

test('a state that cannot be read is not beaten over: silence until it can be again', async () => {
  using service = watched()
  const { words, hear } = listener()
  service.live.subscribe(hear)
  await until('it is told', () => words.length > 0)
  service.fail(new Error('no database'))
  await until('it fails', () => service.errors.length >= 2)
  const heard = words.length
  await until('it goes on failing', () => service.errors.length >= 4)
  expect(words).toHaveLength(heard)
  service.fail(undefined)
  await until('it is told again', () => words.length > heard)
})

test('many writes are told at the pace set, and nobody listening costs nothing', async () => {
  using service = watched({ gapMs: 30, refreshMs: 60_000 })
  for (let write = 0; write < 100; write += 1) service.live.changed()
  await pause(60)
  expect(service.reads()).toBe(0)
  const { states, hear } = listener()
  const stop = service.live.subscribe(hear)
  await until('the state is told', () => states().length === 1)
  for (let write = 1; write <= 100; write += 1) {
    service.write({ waitingCount: write })
    service.live.changed()
  }
  await until('the next state is told', () => states().length === 2)
  expect(states()[1]).toMatchObject({ state: { waitingCount: 100 } })
  expect(service.reads()).toBe(2)
  stop()
})

test('whoever begins to listen makes nobody else be told more often', async () => {
  using service = watched({ refreshMs: 10_000, gapMs: 60 })
  const toldAt: number[] = []
  service.live.subscribe(() => void toldAt.push(performance.now()))
  await until('the first is told', () => toldAt.length === 1)
  const later = listener()
  service.live.subscribe(later.hear)
  await until('both are told', () => later.words.length === 1 && toldAt.length === 2)
  // A timer may be a millisecond early.
  expect(toldAt[1]! - toldAt[0]!).toBeGreaterThan(57)
})

test('without anything new it is told at least every five seconds, though what is read lags', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const live = liveOverview({
    // So long a board waits for what can be read: `READ_WITHIN_MS` of the desks' feed.
    read: () => new Promise((resolve) => setTimeout(resolve, 2_000, 'state')),
    now: () => new Date(),
    onError: () => {},
  })
  const toldAt: number[] = []
  live.subscribe(() => void toldAt.push(performance.now()))
  await vi.advanceTimersByTimeAsync(60_000)
  live.close()
  expect(toldAt.length).toBeGreaterThan(10)
  for (const [index, at] of toldAt.slice(1).entries()) expect(at - toldAt[index]!).toBeLessThanOrEqual(5_000)
})
