import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Chain } from '@parley/testkit'
import { conversations } from '@parley/conversation'
import {
  type Dimension,
  type Figure,
  type Shortfall,
  FIGURES,
  HANDLING,
  POOL_SUBJECTS,
  WAITS,
  figureNamed,
  shortfallsOf,
  wholeOf,
  worthOf,
} from '@parley/figures'
import { workforces } from '@parley/workforce'
import { runs } from '@parley/testkit/properties'
import { array, assert, asyncProperty, boolean, constantFrom, nat, property, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { type Cut, RECOUNTED, type Recounted, recount } from '../../recount/index.ts'
import { type Of, metricOf } from './count.ts'
import { Days } from './days.fixture.ts'
import { Played } from './played.fixture.ts'

/** A day of 25 hours, one of 23, one whose midnight is skipped, one of 24 and a half and one of 23 and a half, one behind a date that was left out, and two usual ones. */
const DAYS = [
  ['Europe/Lisbon', '2026-10-25', '2026-10-24T18:00:00.000Z'],
  ['Europe/Lisbon', '2026-03-29', '2026-03-28T18:00:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', '2018-11-03T22:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T07:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T07:00:00.000Z'],
  ['Pacific/Apia', '2011-12-31', '2011-12-30T06:00:00.000Z'],
  ['Asia/Kathmandu', '2026-03-02', '2026-03-01T12:00:00.000Z'],
  ['America/Sao_Paulo', '2026-03-02', '2026-03-01T20:00:00.000Z'],
] as const

/** Of two teams, of one, and of one that nobody is in. */
const VENDORS = new Map([
  ['both', ['north', 'south']],
  ['nobody', ['west']],
])

const acts = array(tuple(nat(), nat(), nat(), nat({ max: 4_000 })), { maxLength: 150, size: 'max' })

function lived(
  begins: string,
  all: readonly (readonly [number, number, number, number])[],
  isSetBack = false,
): Days {
  const days = new Days(begins, { isSetBack })
  for (const act of all) days.act(...act)
  return days
}

function played(zone: string, { happened }: Days): Played {
  const figures = new Played(zone)
  for (const { family, event } of happened)
    if (family === 'workforce') figures.pool(event)
    else figures.contact(event)
  return figures
}

/** As the raw archive has them: each stream in its order, and of a place in a stream the record that came first. */
function recounted(
  day: string,
  timeZone: string,
  { happened }: { readonly happened: readonly Kept[] },
  isByHours = false,
  cut?: Cut,
): Promise<readonly Recounted[]> {
  return recount({
    day,
    timeZone,
    isByHours,
    cut,
    vendors: VENDORS,
    records: (family) =>
      happened
        .filter((one) => `${one.family}.events` === family)
        .map(({ event }, offset) => ({ topic: `test.${family}`, partition: 0, offset, raw: event.raw })),
  })
}

interface Kept {
  readonly family: Days['happened'][number]['family']
  readonly event: { readonly raw: Uint8Array }
}

/** What a second writer said at the same places, and behind itself, while it did not know that it was one; and bytes that nobody can read. */
function withRivals({ happened }: Days, places: readonly number[]): readonly Kept[] {
  const records: Kept[] = [...happened]
  for (const place of places) {
    const { family, event } = happened[place % happened.length]!
    const { streamId, streamVersion, prevHash, recordedAt, correlationId } = event.envelope
    const before = { version: streamVersion - 1, hash: Buffer.from(prevHash), offset: 0n, superseded: [] }
    const rival = new Chain<any>(family === 'workforce' ? workforces : conversations, streamId, {
      continues: streamVersion === 1 ? undefined : before,
    })
    const { type, data } = happened[(place * 31) % happened.length]!.event
    const known = family === happened[(place * 31) % happened.length]!.family ? { type, data } : event
    const said = [known, event].map(({ type, data }) =>
      rival.add(
        { type, data },
        {
          at: recordedAt ?? '',
          correlationId,
          commandId: `rival ${place}`,
        },
      ),
    )
    const behind = records.findIndex((one) => one.event === event) + 1 + (place % 3)
    records.splice(behind, 0, ...said.map((one) => ({ family, event: one })), {
      family,
      event: { raw: Buffer.from([place % 256]) },
    })
  }
  return records
}

function addedTogether(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const one of all)
    for (const [name, value] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + value
  return sums
}

const isNear = (one: number, other: number) => Math.abs(one - other) < 1e-5

test('whatever happens, the figures that are folded are those that are recounted, on every day of the clock and in each of its hours, where it is set back, and beside a second writer', async () => {
  let counted = 0
  await assert(
    asyncProperty(
      constantFrom(...DAYS),
      acts,
      boolean(),
      boolean(),
      array(nat(), { maxLength: 12 }),
      async ([zone, day, begins], all, isSetBack, isByHours, rivals) => {
        const days = lived(begins, all, isSetBack)
        const figures = played(zone, days)
        const kept = days.happened.length === 0 ? [] : withRivals(days, rivals)
        const rows = await recounted(day, zone, { happened: kept }, isByHours)
        const different = rows.filter(({ metric, version, by, key, hour, numerator, denominator }) => {
          const figure = figureNamed(metric, version)!
          const subject = metricOf(figure.subject, by === '' ? undefined : by === 'vendor' ? 'team' : by)
          const sumsOf = (one: string) =>
            addedTogether(
              (by === 'vendor' ? VENDORS.get(one)! : [one]).map((each) =>
                figures.sums({
                  metric: subject,
                  key: each,
                  window: hour === null ? `day ${day}` : `hour ${hour}`,
                }),
              ),
            )
          const folded = worthOf(figure, sumsOf(key), sumsOf((figure.isOfParts && wholeOf(key)) || key))
          counted += Number(numerator > 0)
          return !isNear(folded.numerator, numerator) || !isNear(folded.denominator ?? 0, denominator ?? 0)
        })
        expect(different).toEqual([])
      },
    ),
    runs(60),
  )
  expect(counted).toBeGreaterThan(1_000)
})

test('however the clock is set back, nobody’s hour has more than an hour', () => {
  let fullest = 0
  assert(
    property(constantFrom(...DAYS), acts, ([zone, day, begins], all) => {
      const figures = played(zone, lived(begins, all, true))
      for (const window of figures.hours(day))
        for (const key of figures.keys('presence 1 by agent', window)) {
          const seconds = figures.sums({ metric: 'presence 1 by agent', key, window })['signedInSeconds'] ?? 0
          expect(seconds).toBeLessThanOrEqual(3_600.001)
          fullest = Math.max(fullest, seconds)
        }
    }),
    runs(40),
  )
  expect(fullest).toBeGreaterThan(3_000)
})

test('a recount that is cut in the middle of the log says what the log said when it ended there', async () => {
  await assert(
    asyncProperty(
      constantFrom(...DAYS),
      acts,
      boolean(),
      nat({ max: 1_000 }),
      async ([zone, day, begins], all, isSetBack, where) => {
        const { happened } = lived(begins, all, isSetBack)
        const ends = { conversation: 0, workforce: 0 }
        for (const { family } of happened.slice(0, Math.floor((happened.length * where) / 1_000)))
          ends[family] += 1
        const places = { conversation: 0, workforce: 0 }
        const then = happened.filter(({ family }) => (places[family] += 1) <= ends[family])
        const pool = new Set(
          FIGURES.filter(({ subject }) => POOL_SUBJECTS.has(subject)).map(({ name }) => name),
        )
        const cut: Cut = {
          leastOf: (family) =>
            BigInt(family === 'workforce.events' ? ends.workforce >> 1 : ends.conversation >> 1),
          of: ({ metric }) => BigInt(pool.has(metric) ? ends.workforce : ends.conversation),
        }
        const said = (rows: readonly Recounted[]) =>
          rows
            .filter(({ numerator, denominator }) => numerator !== 0 || (denominator ?? 0) !== 0)
            .map(({ numerator, denominator, ...row }) =>
              JSON.stringify([row, numerator.toFixed(4), denominator?.toFixed(4)]),
            )
            .toSorted()
        expect(said(await recounted(day, zone, { happened }, false, cut))).toEqual(
          said(await recounted(day, zone, { happened: then })),
        )
      },
    ),
    runs(40),
  )
})

test('numbers of one scope add up to the scope above, and hours to their day', () => {
  let added = 0
  assert(
    property(constantFrom(...DAYS), acts, ([zone, day, begins], all) => {
      const figures = played(zone, lived(begins, all))
      const window = `day ${day}`
      const hours = figures.hours(day)
      const total = (
        subject: string,
        by: keyof Of | undefined,
        name: string,
        windows: readonly string[] = [window],
      ) => {
        const metric = metricOf(subject, by)
        const keys = by === undefined ? [''] : figures.keys(metric, window)
        const each = windows.flatMap((one) =>
          keys.map((key) => figures.sums({ metric, key, window: one })[name] ?? 0),
        )
        return each.reduce((sum, value) => sum + value, 0)
      }
      const apart: string[] = []
      const same = (what: string, one: number, other: number) => {
        if (!isNear(one, other)) apart.push(`${what}: ${one}, ${other}`)
      }
      for (const subject of new Set(FIGURES.map((figure) => figure.subject)))
        for (const name of Object.keys(figures.sums({ metric: subject, key: '', window }))) {
          const whole = total(subject, undefined, name)
          same(`${subject} ${name} by hours`, total(subject, undefined, name, hours), whole)
          same(`${subject} ${name} by team`, total(subject, 'team', name), total(subject, 'agent', name))
          if (subject === WAITS || subject === HANDLING)
            same(`${subject} ${name} by queue`, total(subject, 'queue', name), whole)
          added += Number(whole > 0)
        }
      expect(apart).toEqual([])
    }),
    runs(25),
  )
  expect(added).toBeGreaterThan(100)
})

test('where the numbers of all keys of a dimension are not the company’s, the figure says why', () => {
  const seen = new Set<string>()
  const named = ({ name, version }: Figure, by: Dimension) => `${name} ${version} by ${by}`
  const asked = FIGURES.filter(({ isOfParts }) => isOfParts !== true).flatMap((figure) =>
    figure.by.filter((by) => by !== 'vendor').map((by) => ({ figure, by })),
  )
  assert(
    property(constantFrom(...DAYS), acts, ([zone, day, begins], all) => {
      const figures = played(zone, lived(begins, all))
      const window = `day ${day}`
      for (const { figure, by } of asked) {
        const metric = metricOf(figure.subject, by)
        const whole = figures.sums({ metric: figure.subject, key: '', window })
        const parts = figures.keys(metric, window).map((key) => figures.sums({ metric, key, window }))
        for (const term of [...figure.numerator, ...(figure.denominator ?? [])]) {
          const name = term.replace('-', '')
          const sum = parts.reduce((total, one) => total + (one[name] ?? 0), 0)
          if (!isNear(sum, whole[name] ?? 0)) seen.add(named(figure, by))
        }
      }
    }),
    runs(60),
  )
  const said = asked.map(({ figure, by }) => ({ name: named(figure, by), why: shortfallsOf(figure, by) }))
  expect(said.filter(({ name, why }) => seen.has(name) && why.length === 0)).toEqual([])
  // Nor says one so that adds up. The agents of these days have a team, and their messages are somebody's.
  const isMet = (why: Shortfall) => why !== 'noTeam' && why !== 'noOne'
  expect(said.filter(({ name, why }) => !seen.has(name) && why.some(isMet))).toEqual([])
})

test('of two records that would both be next the recount takes the first in the log, and goes on behind bytes that nobody can read', async () => {
  const chain = new Chain(conversations, 'contact-1')
  const opened = chain.add({ type: 'ConversationOpened' }, { at: '2026-03-02T12:00:00.000Z' })
  const zombie = new Chain(conversations, 'contact-1', { continues: chain.head })
  const message = chain.add({ type: 'MessageReceived' }, { at: '2026-03-02T12:00:01.000Z' })
  const late = [1, 2].map(() => zombie.add({ type: 'MessageReceived' }, { at: '2026-03-02T12:00:02.000Z' }))
  const next = chain.add({ type: 'MessageReceived' }, { at: '2026-03-02T12:00:03.000Z' })
  const records = [opened, message, ...late, next].map(({ raw }, offset) => ({
    topic: 'test.conversation.events',
    partition: 0,
    offset,
    raw,
  }))
  records.splice(2, 0, {
    topic: 'test.conversation.events',
    partition: 0,
    offset: 9,
    raw: Buffer.from('no envelope'),
  })
  const rows = await recount({
    day: '2026-03-02',
    timeZone: 'UTC',
    records: (family) => records.filter(({ topic }) => topic.endsWith(family)),
  })
  const messages = rows.find(({ metric, by }) => metric === 'messages_from_customers' && by === '')
  expect(messages).toMatchObject({ numerator: 2 })
})

test('the recount knows every figure, and shares no code with what it checks', async () => {
  const rows = await recounted('2026-03-02', 'UTC', Days.lived('2026-03-02T00:00:00.000Z', 100))
  const named = (name: string, version: number) => `${name} ${version}`
  expect([...new Set(rows.map(({ metric, version }) => named(metric, version)))]).toEqual(
    FIGURES.map(({ name, version }) => named(name, version)),
  )
  // Asked of the live side whether or not the recount has something there.
  expect(RECOUNTED).toEqual(
    FIGURES.flatMap(({ name: metric, version, by, isOfParts }) =>
      [...(isOfParts ? [] : ['']), ...by].map((one) => ({
        metric,
        version,
        by: one,
      })),
    ),
  )
  const folder = fileURLToPath(new URL('../../recount/', import.meta.url))
  const sources = globSync('*.ts', { cwd: folder })
  expect(sources.length).toBeGreaterThan(4)
  const imported = sources.flatMap((source) =>
    [...readFileSync(folder + source, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from = '']) => from),
  )
  expect(imported.filter((from) => !/^(\.\/|node:|mongodb$|@parley\/proto\/)/.test(from))).toEqual([])
})
