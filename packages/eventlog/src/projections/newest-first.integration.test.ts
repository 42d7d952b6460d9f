import { randomUUID } from 'node:crypto'
import { testMongoUri } from '@parley/testkit'
import { runs } from '@parley/testkit/properties'
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  nat,
  option,
  record,
  subarray,
} from 'fast-check'
import { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { indexesBy, newestFirst } from './newest-first.ts'
import type { PagePlace } from './page-place.ts'

interface Row {
  readonly _id: string
  readonly openedAt: string
  readonly words: readonly string[]
  readonly owner: string
}

const INDEXED = ['words', 'owner']
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
  [{ owner: { $in: ['ana', ...Array.from({ length: 500 }, (_, nth) => `stranger ${nth}`)] } }],
  [{ owner: { $in: [] } }],
  [{ _id: { $in: ['r1', 'r3'] } }, { owner: 'ana' }],
  Array.from({ length: 12 }, (_, nth) => ({ words: nth % 2 === 0 ? 'card' : 'lost' })),
] as const

/** Whose it is, and that of a word: one row may be of both. */
const OF_SOME = { $or: [{ owner: { $in: ['ana', 'rui'] } }, { words: 'lost' }] }

const holds = (row: Row, nth: number): boolean =>
  [
    true,
    row.words.includes('card'),
    row.words.some((word) => word.startsWith('ca')) && row.owner === 'ana',
    row.owner === 'ana' || row.words.includes('lost'),
    row.words.includes('lost') && row.owner !== 'bia',
    row.owner === 'ana',
    row.owner === 'ana',
    false,
    ['r1', 'r3'].includes(row._id) && row.owner === 'ana',
    row.words.includes('card') && row.words.includes('lost'),
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
  await collection.createIndexes(indexesBy('openedAt', INDEXED))
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
      boolean(),
      subarray(['words', 'owner']),
      async (all, size, where, from, to, isFew, isOfSome, indexed) => {
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
            indexed,
            lists: ['words'],
            where: [...WHERE[where]!, ...(isOfSome ? [OF_SOME] : [])],
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
    indexed: [],
    where: [],
    size: 2,
    to: '9999-12-31',
    now,
  })
  expect(found.length).toBe(2)
  expect(questionCount).toBe(1)
})

const HOUR_MS = 3_600_000
/** Of the last hours, and all of them with a word and an owner that everybody has. */
const COMMON = Array.from({ length: 120 }, (_, nth) => ({
  _id: `common ${nth}`,
  openedAt: new Date(NOW - nth * 60_000).toISOString(),
  words: ['card'],
  owner: 'ana',
}))
const RARELY = [
  [{ words: 'card' }, { words: 'lost' }],
  [{ words: 'lost' }, { owner: 'ana' }],
  [{ words: { $regex: '^lo' } }],
  [{ words: { $regex: '^lo' } }, { words: 'card' }],
  [
    { owner: { $in: ['ana', ...Array.from({ length: 30 }, (_, nth) => `stranger ${nth}`)] } },
    { words: 'lost' },
  ],
] as const

test('what hardly anything has is found whole beside what everything has, whenever it was and wherever one looks from', async () => {
  await using on = await stage()
  const { collection } = on
  await collection.createIndexes(indexesBy('openedAt', INDEXED))
  await collection.insertMany(COMMON)
  await assert(
    asyncProperty(
      array(record({ ago: nat({ max: 9_000 }), hasBoth: boolean(), owner: constantFrom('ana', 'rui') }), {
        maxLength: 8,
      }),
      nat({ max: RARELY.length - 1 }),
      option(nat({ max: 9_000 }), { nil: undefined }),
      option(nat({ max: 9_000 }), { nil: undefined }),
      boolean(),
      async (all, where, from, to, isListed) => {
        const hoursAgo = (hours: number) => new Date(NOW - hours * HOUR_MS).toISOString()
        const rows = all.map(({ ago, hasBoth, owner }, nth) => ({
          _id: `r${nth}`,
          openedAt: hoursAgo(ago),
          words: hasBoth ? ['card', 'lost'] : ['lost'],
          owner,
        }))
        await collection.deleteMany({ _id: { $regex: '^r' } })
        if (rows.length > 0) await collection.insertMany(rows)
        const [since, until] = [from, to].map((ago) => (ago === undefined ? undefined : hoursAgo(ago)))
        const expected = rows
          .filter(({ words }) => (where !== 0 && where !== 3) || words.includes('card'))
          .filter(({ owner }) => (where !== 1 && where !== 4) || owner === 'ana')
          .filter(({ openedAt }) => openedAt >= (since ?? '') && openedAt < (until ?? '~'))
          .toSorted((one, other) => (one.openedAt + one._id < other.openedAt + other._id ? 1 : -1))
        const { found } = await newestFirst(collection, {
          by: 'openedAt',
          indexed: INDEXED,
          ...(isListed && { lists: ['words'] }),
          where: RARELY[where]!,
          size: 50,
          from: since,
          to: until,
          now: new Date(NOW),
        })
        expect(found.map(({ _id }) => _id)).toEqual(expected.map(({ _id }) => _id))
      },
    ),
    runs(100),
  )
})

test('of what the newest have the long spans are not read by what fifty times as many have; what begins hardly any word is read once', async () => {
  const rare = { words: 'lost' }
  const both = await questionsOf({ where: [{ words: 'card' }, rare], size: 50 }, COMMON)
  expect(both.at(-1)).toEqual([{ ...rare, ...during }, { $nor: [{ $nor: [{ words: 'card' }] }] }])
  // How much there is in all nobody asks: each of the two is cut by the span.
  expect(both).not.toContainEqual([during])
  const pattern = { words: { $regex: '^lo' } }
  const begun = await questionsOf({ where: [pattern], size: 50 }, COMMON)
  expect(begun.at(-1)).toEqual([{ $or: [pattern] }, { $nor: [{ $nor: [during] }] }])
  // Four short spans, the newest twice (all, and what begins so), and all the rest at once.
  expect(begun).toHaveLength(7)
})

const during = { openedAt: expect.anything() }

/** What it is asked for, as the parts of each question. */
async function questionsOf(
  asked: Omit<Parameters<typeof newestFirst>[1], 'by' | 'indexed' | 'now'>,
  rows: readonly Row[] = [],
) {
  await using on = await stage()
  if (rows.length > 0) await on.collection.insertMany([...rows])
  const questions: unknown[][] = []
  on.client.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') questions.push(command['filter'].$and ?? [command['filter']])
  })
  await newestFirst(on.collection, { by: 'openedAt', indexed: INDEXED, now: new Date(NOW), ...asked })
  return questions
}

test('of several conditions each that has an index is a choice of its values with the span beside each: of those the store reads what is in the indexes of all', async () => {
  const where = [{ words: 'card' }, { owner: { $in: ['ana', 'rui'] } }, { status: 'open' }]
  const [first] = await questionsOf({ where, size: 50 })
  expect(first).toEqual([
    { $or: [{ words: 'card', ...during }] },
    {
      $or: [
        { owner: 'ana', ...during },
        { owner: 'rui', ...during },
      ],
    },
    { $nor: [{ $nor: [{ status: 'open' }] }] },
  ])
})

test('what one condition leaves is asked for as it stands, in spans of time to the beginning', async () => {
  const questions = await questionsOf({ where: [{ words: 'card' }], size: 50 })
  expect(questions).toEqual(Array.from({ length: 8 }, () => [{ words: 'card', ...during }]))
})

test('of a list no span is cut out but at the end of the log: a later page is asked for in the order of time first, and then cut by the index of the time', async () => {
  const where = [{ words: 'card' }]
  const later = await questionsOf({ where, lists: ['words'], size: 50, after: { at: at(8), id: 'r' } })
  expect(later[0]!.slice(0, 2)).toEqual([during, { $nor: [{ $nor: where }] }])
  expect(later.at(-1)).toEqual([{ $or: [during] }, { $or: [{ words: 'card', ...during }] }])
})

test('what begins a word is asked for in the order of time while much is found so, and then cut by the index of the time', async () => {
  const pattern = { words: { $regex: '^ca' } }
  const questions = await questionsOf({ where: [pattern], size: 50 })
  expect(questions[0]).toEqual([during, { $nor: [{ $nor: [pattern] }] }])
  expect(questions.at(-1)).toEqual([{ $or: [during] }, { $or: [{ ...pattern, ...during }] }])
})

test('many people are looked up in few spans, and more than that in the order of time', async () => {
  const of = (count: number) => [
    { owner: { $in: Array.from({ length: count }, (_, nth) => `agent ${nth}`) } },
  ]
  const team = await questionsOf({ where: of(100), size: 50 })
  expect(team).toHaveLength(5)
  expect(team[0]).toEqual([{ $or: expect.objectContaining({ length: 100 }) }])
  const [first] = await questionsOf({ where: of(1_000), size: 50 })
  expect(first).toEqual([during, { $nor: [{ $nor: of(1_000) }] }])
})
