import { testDb } from '@parley/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { Progress } from './progress.ts'
import { watchedDb } from './watched-db.fixture.ts'

const WAITERS = 200
const PARTITIONS = 8

async function stage() {
  const store = await testDb({ monitorCommands: true })
  onTestFinished(() => store[Symbol.asyncDispose]())
  const { client, db } = store
  let reads = 0
  client.on('commandStarted', ({ commandName }) => void (commandName === 'find' && (reads += 1)))
  return { here: new Progress(db, 'live'), elsewhere: new Progress(db, 'live'), reads: () => reads }
}

const waiting = (progress: Progress, offset: bigint, deadlineMs: number) =>
  Promise.all(
    Array.from({ length: WAITERS }, (_, at) =>
      progress.whenSeen({ partition: at % PARTITIONS, offset }, deadlineMs),
    ),
  )

test('a slow projection is asked for by one read at a time, however many wait, and all of them learn of it', async () => {
  const { here, elsewhere, reads } = await stage()
  const seen = waiting(here, 4n, 10_000)
  await expect.poll(reads).toBeGreaterThan(2)
  for (let partition = 0; partition < PARTITIONS; partition++) elsewhere.handled(partition, 5n)
  await elsewhere.flush()
  expect(new Set(await seen)).toEqual(new Set([true]))
  expect(reads()).toBeLessThan(WAITERS)
  const before = reads()
  expect(new Set(await waiting(here, 4n, 0))).toEqual(new Set([true]))
  expect(reads() - before, 'what was found once is known').toBe(0)
  expect(new Set(await waiting(here, 5n, 0))).toEqual(new Set([false]))
  expect(reads() - before, 'nor does each look who may not wait').toBeLessThan(WAITERS / 10)
})

test('who handles a partition says so without a read of the store', async () => {
  const { here, reads } = await stage()
  const seen = waiting(here, 0n, 10_000)
  for (let partition = 0; partition < PARTITIONS; partition++) here.handled(partition, 1n)
  expect(new Set(await seen)).toEqual(new Set([true]))
  expect(reads()).toBe(0)
})

test('a store that is slow to answer holds up nobody for longer than they wait, nor for what a batch here has brought meanwhile', async () => {
  const store = await testDb()
  onTestFinished(() => store[Symbol.asyncDispose]())
  const answer = Promise.withResolvers<void>()
  onTestFinished(() => answer.resolve())
  const asked = Promise.withResolvers<void>()
  const slow = watchedDb(store.db, (own, { method }) => {
    if (method !== 'find') return own()
    asked.resolve()
    return { toArray: () => answer.promise.then(() => []) }
  })
  const progress = new Progress(slow, 'slow')
  onTestFinished(() => progress.end())
  const inVain = progress.whenSeen({ partition: 0, offset: 4n }, 200)
  const seen = progress.whenSeen({ partition: 1, offset: 4n }, 60_000)
  await asked.promise
  progress.handled(1, 5n)
  expect(await seen).toBe(true)
  expect(await inVain).toBe(false)
})
