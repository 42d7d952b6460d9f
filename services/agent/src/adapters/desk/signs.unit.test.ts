import type { Db } from 'mongodb'
import { expect, test } from 'vitest'
import { DeskSigns } from './signs.ts'

/** A store that can be away, and counts how often it was asked. */
function store() {
  const state = { isAway: false, looks: 0 }
  const collection = {
    createIndex: async () => '',
    find: () => ({
      async toArray() {
        state.looks += 1
        if (state.isAway) throw new Error('away')
        return []
      },
    }),
  }
  return { state, db: { collection: () => collection } as unknown as Db }
}

const WITHIN = { timeout: 10_000, interval: 5 }

async function open() {
  const { state, db } = store()
  const errors: unknown[] = []
  const signs = await DeskSigns.open(db, {
    feed: { unread: async () => [] },
    conversations: { conversations: async () => [] },
    name: () => null,
    onError: (error) => errors.push(error),
    lookEveryMs: 5,
  })
  const desk = { stream: { sendSign: () => {} }, sight: {} as never, watched: new Set<string>() }
  const looks = async (more: number) => {
    const from = state.looks
    await expect.poll(() => state.looks, WITHIN).toBeGreaterThan(from + more)
  }
  return { state, errors, signs, desk, looks, [Symbol.asyncDispose]: () => signs.close() }
}

test('a store that is away is said once, and again when it was there in between', async () => {
  await using it = await open()
  it.signs.open(it.desk)
  await it.looks(1)
  it.state.isAway = true
  await it.looks(3)
  expect(it.errors).toHaveLength(1)
  it.state.isAway = false
  await it.looks(2)
  it.state.isAway = true
  await it.looks(3)
  expect(it.errors).toHaveLength(2)
})

test('the store is not asked while no desk is open', async () => {
  await using it = await open()
  await using beside = await open()
  const close = it.signs.open(it.desk)
  beside.signs.open(beside.desk)
  await it.looks(1)
  close()
  const last = it.state.looks
  await beside.looks(5)
  expect(it.state.looks).toBe(last)
})
