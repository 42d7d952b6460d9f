import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import { array, assert, asyncProperty, boolean, constantFrom, integer, nat, option, record } from 'fast-check'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { newestFirst } from './newest-first.ts'
import type { PagePlace } from './page-place.ts'

interface Row {
  readonly _id: string
  readonly openedAt: string
  readonly words: readonly string[]
  readonly owner: string
}

const NOW = Date.parse('2026-03-02T12:00:00.000Z')
/** A year ahead of the clock of who asks and a little, the same millisecond, where spans meet (one hour, and four more), and years ago. */
const AGOS_MS = [-3e10, -500, 0, 1, 3_600_000, 3_600_001, 18_000_000, 9e7, 4e9, 2e11]
const at = (ago: number) => new Date(NOW - AGOS_MS[ago % AGOS_MS.length]!).toISOString()

const WHERE = [
  [],
  [{ words: 'card' }],
  [{ words: { $regex: '^ca' } }, { owner: 'ana' }],
  [{ $or: [{ owner: 'ana' }, { words: 'lost' }] }],
  [{ words: 'lost' }, { $or: [{ owner: 'ana' }, { owner: 'rui' }] }],
  [{ owner: { $in: ['ana', ...Array.from({ length: 30 }, (_, nth) => `stranger ${nth}`)] } }],
] as const

/** Whose it is, and that of a word: one row may be of both. */
const ANY_OF = [[], [{ owner: { $in: ['ana', 'rui'] } }, { words: 'lost' }]] as const

const holds = (row: Row, nth: number): boolean =>
  [
    true,
    row.words.includes('card'),
    row.words.some((word) => word.startsWith('ca')) && row.owner === 'ana',
    row.owner === 'ana' || row.words.includes('lost'),
    row.words.includes('lost') && row.owner !== 'bia',
    row.owner === 'ana',
  ][nth]!

/** A collection of its own, and what tells which questions it is asked. */
async function stage() {
  const client = await new MongoClient(testMongoUri(), { monitorCommands: true }).connect()
  const db = client.db(`pages-${randomUUID().slice(0, 8)}`)
  return {
    client,
    collection: db.collection<Row>('rows'),
    async [Symbol.asyncDispose]() {
      await db.dropDatabase()
      await client.close()
    },
  }
}

test('pages have all that holds, newest first and each once, whenever it happened and wherever the time that is asked for begins and ends', async () => {
  await using on = await stage()
  const { collection } = on
  await collection.createIndexes([
    { key: { openedAt: 1, _id: 1 } },
    { key: { words: 1, openedAt: 1, _id: 1 } },
    { key: { owner: 1, openedAt: 1, _id: 1 } },
  ])
  await assert(
    asyncProperty(
      array(
        record({
          ago: nat({ max: AGOS_MS.length - 1 }),
          words: array(constantFrom('card', 'cat', 'lost')),
          owner: constantFrom('ana', 'rui', 'bia'),
        }),
        { maxLength: 12 },
      ),
      integer({ min: 1, max: 9 }),
      nat({ max: WHERE.length - 1 }),
      option(nat({ max: AGOS_MS.length - 1 }), { nil: undefined, freq: 1 }),
      option(nat({ max: AGOS_MS.length - 1 }), { nil: undefined, freq: 1 }),
      boolean(),
      nat({ max: 2 }),
      async (all, size, where, from, to, isFew, some) => {
        const isOfSome = some > 0
        const rows = all.map(({ ago, ...row }, nth) => ({ _id: `r${nth}`, openedAt: at(ago), ...row }))
        await collection.deleteMany({})
        if (rows.length > 0) await collection.insertMany(rows)
        const [since, until] = [from, to].map((ago) => (ago === undefined ? undefined : at(ago)))
        const expected = rows
          .filter((row) => holds(row, where))
          .filter(({ owner, words }) => !isOfSome || owner !== 'bia' || words.includes('lost'))
          .filter(({ openedAt }) => openedAt >= (since ?? '') && openedAt < (until ?? '~'))
          .map(({ _id, openedAt }) => [openedAt, _id])
          .toSorted((one, other) => (String(one) < String(other) ? -1 : 1))
          .toReversed()
        const found: string[][] = []
        let after: PagePlace | undefined
        do {
          const asked = {
            by: 'openedAt',
            where: WHERE[where]!,
            anyOf: ANY_OF[Number(isOfSome)]!,
            isByAnyOf: some > 1,
            size,
            after,
            from: since,
            to: until,
            isFew,
          }
          const page = await newestFirst(collection, { ...asked, now: new Date(NOW), without: ['owner'] })
          expect(page.found.length).toBe(Math.min(size, expected.length - found.length))
          found.push(...page.found.map(({ _id, openedAt }) => [openedAt, _id]))
          after = page.next
        } while (after !== undefined)
        expect(found).toEqual(expected)
      },
    ),
    runs(100),
  )
})

test('how far in the future the time ends that is asked for costs nothing: a page that the last hour fills is one question', async () => {
  await using on = await stage()
  const { client, collection } = on
  const now = new Date(NOW)
  await collection.insertMany(
    [1, 2, 3].map((ago) => ({ _id: `r${ago}`, openedAt: at(2), words: [], owner: 'ana' })),
  )
  let questionCount = 0
  client.on('commandStarted', ({ commandName }) => void (questionCount += commandName === 'find' ? 1 : 0))
  const { found } = await newestFirst(collection, {
    by: 'openedAt',
    where: [],
    size: 2,
    to: '9999-12-31',
    now,
  })
  expect(found.length).toBe(2)
  expect(questionCount).toBe(1)
})

test('of those of whom one sees some, what lies further back is asked for one by one: of one of several conditions the store takes no index', async () => {
  await using on = await stage()
  const { client, collection } = on
  const asked: unknown[] = []
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') asked.push(command['filter'].$and.slice(0, 2))
  })
  await newestFirst(collection, {
    by: 'openedAt',
    where: [{ words: 'card' }],
    anyOf: [{ owner: { $in: ['ana'] } }, { owner: 'rui' }],
    size: 50,
    now: new Date(NOW),
    after: { at: at(8), id: 'r' },
  })
  expect(asked.slice(0, 2)).toEqual([
    [{ owner: { $in: ['ana'] }, openedAt: expect.anything() }, { words: { $in: ['card'] } }],
    [{ owner: 'rui', openedAt: expect.anything() }, { words: { $in: ['card'] } }],
  ])
})

test('a later page of a word is asked for in the order of time first: by the word alone the store reads all that is newer', async () => {
  await using on = await stage()
  const { client, collection } = on
  const asked: unknown[] = []
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') asked.push(command['filter'].$and.slice(0, 2))
  })
  const page = { by: 'openedAt', where: [{ words: 'card' }], size: 50, now: new Date(NOW) }
  await newestFirst(collection, page)
  await newestFirst(collection, { ...page, after: { at: at(8), id: 'r' } })
  const later = asked.slice(asked.length / 2)
  expect(later[0]).toEqual([{ openedAt: expect.anything() }, { words: { $in: ['card'] } }])
  // Where the word is rare, what is long is asked for by the word.
  expect(later.at(-1)).toMatchObject([{ words: 'card' }])
})

test('what is of many people is looked for in the order of time where they have much of it, and by whose it is where little', async () => {
  await using on = await stage()
  const { client, collection } = on
  const now = new Date(NOW)
  // One each hour of four days, and each third is of the team.
  await collection.insertMany(
    Array.from({ length: 96 }, (_, nth) => ({
      _id: `r${nth}`,
      openedAt: new Date(NOW - nth * 3_600_000).toISOString(),
      words: [],
      owner: nth % 3 === 0 ? 'ana' : 'bia',
    })),
  )
  const first: string[] = []
  client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') first.push(Object.keys(command['filter'].$and[0]).join())
  })
  const page = async (owner: string) => {
    first.length = 0
    const team = [owner, ...Array.from({ length: 30 }, (_, nth) => `stranger ${nth}`)]
    const asked = { by: 'openedAt', where: [{ owner: { $in: team } }], size: 10, now }
    return (await newestFirst(collection, asked)).found.length
  }
  expect(await page('ana')).toBe(10)
  expect(new Set(first)).toEqual(new Set(['openedAt']))
  expect(await page('nobody')).toBe(0)
  expect(first.slice(3)).toEqual(Array.from({ length: first.length - 3 }, () => 'owner,openedAt'))
})
