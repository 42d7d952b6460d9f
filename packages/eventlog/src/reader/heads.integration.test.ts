import { randomUUID } from 'node:crypto'
import { type Head, headAfter } from '@parley/kernel'
import { Chain, tallies, testMongoUri } from '@parley/testkit'
import { type FindCursor, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { StoredHeads, StreamHeads } from './heads.ts'
import { watchedDb } from './watched-db.fixture.ts'

let client: MongoClient
beforeAll(async () => {
  client = await new MongoClient(testMongoUri()).connect()
})
afterAll(() => client.close())

const PARTITION = 3

function stage() {
  const db = client.db(`heads_${randomUUID().slice(0, 12)}`)
  const writes: string[] = []
  const away = new Set<string>()
  const during = { write() {} }
  const watched = watchedDb(db, (own, { collection, method }) => {
    if (method !== 'bulkWrite') return own()
    if (away.has(collection)) throw new Error('The store is away.')
    writes.push(collection)
    during.write()
    return own()
  })
  const chains = new Map<string, Chain<any>>()
  let offset = -1n
  return {
    db,
    stored: new StoredHeads(watched, 'reader'),
    writes,
    away,
    /** What happens while the store is written to: what is written was made out before. */
    during,
    /** A further event of each of these streams: where they stand behind it, and its record. */
    moved(...streamIds: string[]) {
      const heads = new Map<string, Head>()
      const records = streamIds.map((key) => {
        const chain = chains.get(key) ?? new Chain(tallies, key)
        chains.set(key, chain)
        const before = chain.head
        const event = chain.add({ type: 'Added', data: { id: key } })
        offset += 1n
        heads.set(key, headAfter(before && { ...before, superseded: [] }, event, offset))
        return { key, partition: PARTITION }
      })
      return [heads, records] as const
    },
    [Symbol.asyncDispose]: async () => void (await db.dropDatabase()),
  }
}

const versions = async (heads: Pick<StoredHeads, 'of'>, streamIds: readonly string[]) =>
  Object.fromEntries([...(await heads.of(streamIds))].map(([streamId, { version }]) => [streamId, version]))

test('streams that move are written together, in one document of their partition, however many they are', async () => {
  await using on = stage()
  const heads = new StreamHeads(on.stored, 1)
  const streamIds = Array.from({ length: 40 }, (_, at) => `stream-${at}`)
  for (let flushes = 0; flushes < 3; flushes += 1) {
    heads.advance(...on.moved(...streamIds))
    await heads.flush()
  }
  expect(on.writes).toEqual(Array(3).fill('reader_heads_moving'))
  expect(new Set(Object.values(await versions(on.stored, streamIds)))).toEqual(new Set([3]))
  expect(await on.stored.resting(streamIds)).toEqual(new Map())
})

test('a stream that rests has its head in a document of its own, and the others that move stay together', async () => {
  await using on = stage()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const heads = new StreamHeads(on.stored, 1)
  heads.advance(...on.moved('rests', 'moves'))
  await heads.flush()
  vi.advanceTimersByTime(120_000)
  heads.advance(...on.moved('moves'))
  await heads.flush()
  expect([...(await on.stored.resting(['rests', 'moves'])).keys()]).toEqual(['rests'])
  const [moving] = await on.stored.moving()
  expect(moving!.heads.map(([streamId]) => streamId)).toEqual(['moves'])
})

test('of more streams than a document should hold those rest that moved the longest ago', async () => {
  await using on = stage()
  const heads = new StreamHeads(on.stored, 1)
  const streamIds = Array.from({ length: 700 }, (_, at) => `stream-${at}`)
  heads.advance(...on.moved(...streamIds))
  heads.advance(...on.moved('stream-0'))
  await heads.flush()
  const [moving] = await on.stored.moving()
  expect(moving!.heads).toHaveLength(500)
  const resting = await on.stored.resting(streamIds)
  expect(resting.size).toBe(200)
  expect(resting.has('stream-0')).toBe(false)
  expect(resting.has('stream-1')).toBe(true)
})

test('the next member knows what the one before wrote, and of two places the further one counts', async () => {
  await using on = stage()
  const before = new StreamHeads(on.stored, 1)
  before.advance(...on.moved('moving', 'retried', 'both'))
  await before.flush()
  // The stream was parked, and freed by a retry: its head went on in a document of its own.
  const [retried] = on.moved('retried')
  await on.stored.writeResting(retried)
  before.advance(...on.moved('both'))
  await before.restNow(['both'])
  before.advance(...on.moved('both'))
  await before.flush()
  const next = new StreamHeads(on.stored, 2)
  await next.takeOver([PARTITION])
  const streamIds = ['moving', 'retried', 'both', 'never']
  const expected = { moving: 1, retried: 2, both: 3 }
  expect(await versions(next, streamIds)).toEqual(expected)
  expect(await versions(on.stored, streamIds)).toEqual(expected)
  expect(await versions(new StreamHeads(on.stored, 3), streamIds), 'that did not take over').toEqual({
    retried: 2,
    both: 2,
  })
})

test('a head that comes to rest while somebody looks for it is found', async () => {
  await using on = stage()
  const heads = new StreamHeads(on.stored, 1)
  heads.advance(...on.moved('rests', 'moves'))
  await heads.flush()
  const rest = async () => {
    heads.advance(...on.moved('moves'))
    await heads.restNow(['rests'])
    await heads.flush()
  }
  let finds = 0
  const between = watchedDb(on.db, (own, { method }) =>
    method === 'find' && (finds += 1) === 1
      ? {
          async toArray() {
            const found = await (own() as FindCursor).toArray()
            await rest()
            return found
          },
        }
      : own(),
  )
  expect(await versions(new StoredHeads(between, 'reader'), ['rests'])).toEqual({ rests: 1 })
})

test('a head that comes to rest while its own member reads the store for it is found where it was', async () => {
  await using on = stage()
  let atFind = async () => {}
  const between = watchedDb(on.db, (own, { method }) =>
    method === 'find'
      ? {
          async toArray() {
            const found = await (own() as FindCursor).toArray()
            await atFind()
            return found
          },
        }
      : own(),
  )
  const heads = new StreamHeads(new StoredHeads(between, 'reader'), 1)
  heads.advance(...on.moved('rests'))
  await heads.restNow(['rests'])
  heads.advance(...on.moved('rests'))
  heads.forget('rests')
  atFind = () => heads.restNow(['rests'])
  expect(await versions(heads, ['rests'])).toEqual({ rests: 2 })
})

test('a member that is behind takes nothing back of what another wrote that is further', async () => {
  await using on = stage()
  const [asleep, awake] = [new StreamHeads(on.stored, 1), new StreamHeads(on.stored, 2)]
  const first = on.moved('one', 'two')
  asleep.advance(...first)
  awake.advance(...first)
  awake.advance(...on.moved('one'))
  await awake.flush()
  await asleep.flush()
  expect(await versions(on.stored, ['one', 'two'])).toEqual({ one: 2, two: 1 })
  for (const member of [awake, asleep]) await member.restNow(['one', 'two'])
  expect(await versions(on.stored, ['one', 'two'])).toEqual({ one: 2, two: 1 })
  expect((await on.stored.resting(['one'])).get('one')?.version).toBe(2)
})

test('what could not be written is written with the next flush', async () => {
  await using on = stage()
  const heads = new StreamHeads(on.stored, 1)
  heads.advance(...on.moved('one'))
  on.away.add('reader_heads_moving')
  await expect(heads.flush()).rejects.toThrow('The store is away.')
  on.away.clear()
  await heads.flush()
  expect(await versions(on.stored, ['one'])).toEqual({ one: 1 })
})

test('what could not be put to rest is written with the next flush', async () => {
  await using on = stage()
  const heads = new StreamHeads(on.stored, 1)
  heads.advance(...on.moved('one'))
  on.away.add('reader_heads')
  await expect(heads.restNow(['one'])).rejects.toThrow('The store is away.')
  on.away.clear()
  await heads.flush()
  expect(await versions(on.stored, ['one'])).toEqual({ one: 1 })
})

test.each(['flush', 'restNow'] as const)(
  'a stream that moves while its head is written is written again with the next flush: %s',
  async (how) => {
    await using on = stage()
    const heads = new StreamHeads(on.stored, 1)
    heads.advance(...on.moved('one'))
    on.during.write = () => {
      on.during.write = () => {}
      heads.advance(...on.moved('one'))
    }
    await heads[how](['one'])
    expect(await versions(on.stored, ['one'])).toEqual({ one: 1 })
    await heads.flush()
    expect(await versions(on.stored, ['one'])).toEqual({ one: 2 })
  },
)
