import { type Person, readPeople } from '@parley/people'
import { AlertRule, type FigureCondition } from '@parley/proto/workforce-configuration'
import { testDb } from '@parley/testkit'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { wordsAlert } from '../../alerts/alert.ts'
import { RulesInForce, type WordsRule } from '../../alerts/rules.ts'
import { NOTHING } from '../../wallboard/wallboard.fixture.ts'
import { wallboardOf } from '../../wallboard/wallboard.ts'
import type { FigureQuery } from '../archive/figures-client.ts'
import { Measured } from './measured.ts'
import { AlertStore } from './store.ts'
import { AlertWatch } from './watch.ts'

const CONFIG = new URL('../../../../../config/people.yaml', import.meta.url)
const roster = readPeople(readFileSync(CONFIG, 'utf8'), 'people.yaml', ['Contato Sul Atendimento'])
const START = Date.parse('2026-03-02T12:00:00.000Z')

const rule = (name: string, figure: Partial<FigureCondition>): AlertRule =>
  AlertRule.fromPartial({ name, reason: 'Call people in.', condition: { $case: 'figure', value: figure } })

/** A company whose numbers are set by hand, and replicas that watch it over one store. */
async function watched(...alerts: readonly AlertRule[]) {
  const kept = await testDb()
  const { db } = kept
  const store = await AlertStore.open(db, false)
  const numbers: { waiting: number; abandoned: number; handleSeconds: number; isArchiveAway: boolean } = {
    waiting: 0,
    abandoned: 0,
    handleSeconds: 0,
    isArchiveAway: false,
  }
  const asked: FigureQuery[] = []
  let rules: readonly AlertRule[] | undefined = alerts
  /** Of each replica. */
  const roundCounts: number[] = []
  let atMs = START
  let lookCount = 0
  let dayLookCount = 0
  let held: PromiseWithResolvers<void> | undefined
  const errors: unknown[] = []
  const start = (known = () => rules) => {
    const replica = roundCounts.push(0) - 1
    return new AlertWatch({
      store,
      rules: new RulesInForce(() => {
        roundCounts[replica]! += 1
        return known()
      }),
      wallboards: {
        async totals(_sight, _filter, ofTheDay) {
          lookCount += 1
          if (ofTheDay) dayLookCount += 1
          const waitsFor = held
          held = undefined
          const { totals } = wallboardOf({
            ...NOTHING,
            now: new Date(atMs),
            counts: [
              {
                stage: 'waiting',
                queue: 'cards',
                flow: null,
                lastTeam: null,
                stageQueue: 'cards',
                count: numbers.waiting,
                failedCount: 0,
                uncertainCount: 0,
                since: new Date(atMs).toISOString(),
              },
            ],
            figures:
              numbers.isArchiveAway || !ofTheDay
                ? undefined
                : {
                    serviceLevel: new Map(),
                    abandonment: new Map([['cards', { numerator: numbers.abandoned, denominator: 100 }]]),
                    handledByQueue: new Map(),
                    handledByTeam: new Map(),
                    handledByVendor: new Map(),
                    containmentByFlow: new Map(),
                    containment: undefined,
                  },
            queues: ['cards'],
          })
          await waitsFor?.promise
          return totals
        },
        alertsChanged: () => {},
      },
      measured: new Measured({
        async figures(query) {
          asked.push(query)
          if (numbers.isArchiveAway) throw new Error('The archive is away.')
          const row = { key: 'cards', from: query.from, value: null, denominator: 10 }
          return {
            version: 1,
            unit: 'seconds',
            position: '',
            rows: [{ ...row, numerator: numbers.handleSeconds * 10 }],
          }
        },
        timeZone: 'America/Sao_Paulo',
        onError: (error) => errors.push(error),
      }),
      roster,
      watcher: async (): Promise<Person> => roster.people.get('p11')!,
      now: () => new Date(atMs),
      onError: (error) => errors.push(error),
      everyMs: 5,
    })
  }
  const watches = [start(), start()]
  const all = async () => (await store.page('', undefined)).toReversed()
  return {
    numbers,
    all,
    errors,
    asked,
    dayLookCount: () => dayLookCount,
    adopt: (next: readonly AlertRule[]) => void (rules = next),
    /** Each in a conversation of its own. */
    says: (...names: readonly string[]) =>
      store.begin(
        names.map((name, index) => {
          const at = new Date(atMs).toISOString()
          const of = { conversationId: `c-${index}`, queue: null, at }
          return wordsAlert({ name, reason: 'Read along.' } as WordsRule, of, at)
        }),
      ),
    openCountOf: (rule: string) => db.collection('alerts').countDocuments({ rule, endedAt: null }),
    /** A replica ends what many_waiting began then, and is killed behind so many writes. */
    async ends(since: string, writeCount: number) {
      let left = writeCount
      const dying = <Of extends object>(whole: Of): Of =>
        new Proxy(whole, {
          get(target, name) {
            const of: unknown = Reflect.get(target, name, target)
            if (typeof of !== 'function') return of
            if (name === 'collection')
              return (...words: unknown[]) => dying(of.apply(target, words) as object)
            if (name !== 'deleteOne' && name !== 'updateMany') return of.bind(target) as unknown
            return async (...words: unknown[]) => {
              if (left-- > 0) return of.apply(target, words) as unknown
              throw new Error('killed')
            }
          },
        })
      const replica = await AlertStore.open(dying(db), false)
      await replica.conditionEnded('many_waiting', [since], new Date(atMs).toISOString()).catch(() => {})
    },
    turns: () => db.collection<{ dueAt: Date }>('alert_turns').find().toArray(),
    /** Another replica, which learns what is watched when it is told. */
    startUnknowing() {
      let isKnown = false
      watches.push(start(() => (isKnown ? rules : undefined)))
      return { learns: () => void (isKnown = true) }
    },
    /** Moves the clock, and waits until every replica had a round by then, whether it looked or not. */
    async rounds(seconds: number) {
      atMs += seconds * 1_000
      const running = roundCounts.map((count, replica) => ({ count, replica })).slice(-watches.length)
      // Each, whatever the other one waits for: one that was under way, and one that began behind it.
      for (const { count, replica } of running)
        await expect.poll(() => roundCounts[replica]).toBeGreaterThan(count + 2)
    },
    /** The next replica that looks gets its numbers and stands still with them, for longer than its turn; another one looks at those of then. */
    async whileOneStandsStill(then: () => void) {
      const standing = Promise.withResolvers<void>()
      held = standing
      atMs += 100_000
      await expect.poll(() => held).toBeUndefined()
      then()
      await this.after(6)
      standing.resolve()
      await this.after(10)
      await this.after(10)
    },
    /** Moves the clock, and waits until somebody has looked at what is there by then: behind a look that was under way, and until the next begins. */
    async after(seconds: number) {
      atMs += seconds * 1_000
      for (let look = 0; look < 3; look += 1) {
        const seen = lookCount
        await expect.poll(() => lookCount).toBeGreaterThan(seen)
        // For the next turn.
        atMs += 10
      }
    },
    async stopAll() {
      for (const { resource } of watches.splice(0)) await resource.close()
    },
    /** Every replica ends, and others begin. */
    async restart() {
      await this.stopAll()
      watches.push(start(), start())
    },
    async [Symbol.asyncDispose]() {
      for (const { resource } of watches) await resource.close()
      await kept[Symbol.asyncDispose]()
    },
  }
}

const MANY = rule('many_waiting', { figure: 'waiting', limit: 10, forSeconds: 60, queue: 'cards' })

test('a figure that is beyond its limit for so long opens one alert, however many replicas look and whoever starts again; it stays open until that is over, and the next time is another one', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(40)
  expect(await it.all()).toEqual([])
  await it.after(30)
  await it.restart()
  await it.after(100)
  const [alert, ...others] = await it.all()
  expect(others).toEqual([])
  expect(alert).toMatchObject({
    rule: 'many_waiting',
    reason: 'Call people in.',
    figure: 'waiting',
    value: 11,
    limit: 10,
    queue: 'cards',
    endedAt: null,
    acknowledgedAt: null,
  })
  expect(Date.parse(alert!.openedAt) - Date.parse(alert!.since)).toBeGreaterThanOrEqual(60_000)
  it.numbers.waiting = 10
  await it.after(10)
  await it.after(61)
  expect(await it.all()).toMatchObject([{ id: alert!.id, endedAt: expect.any(String) }])
  it.numbers.waiting = 12
  await it.after(10)
  await it.after(61)
  expect(await it.all()).toMatchObject([
    { id: alert!.id, endedAt: expect.any(String) },
    { id: expect.not.stringContaining(alert!.id), value: 12, endedAt: null },
  ])
  expect(it.errors).toEqual([])
})

test('what was beyond its limit for a moment alerts nobody', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(50)
  it.numbers.waiting = 0
  await it.after(5)
  it.numbers.waiting = 11
  await it.after(50)
  expect(await it.all()).toEqual([])
})

test('a figure that goes to and fro at its limit opens one alert, which is over when it has been within it for a quarter of a minute; beyond it after that is another time', async () => {
  await using it = await watched(rule('any_waiting', { figure: 'waiting', limit: 0 }))
  for (const waiting of [3, 0, 4, 0, 5]) {
    it.numbers.waiting = waiting
    await it.after(10)
  }
  const [alert, ...others] = await it.all()
  expect([alert, others]).toMatchObject([{ value: 3, endedAt: null }, []])
  it.numbers.waiting = 0
  await it.after(10)
  await it.after(4)
  expect(await it.all()).toEqual([alert])
  await it.restart()
  await it.after(12)
  expect(await it.all()).toMatchObject([{ id: alert!.id, endedAt: expect.any(String) }])
  it.numbers.waiting = 6
  await it.after(10)
  expect(await it.all()).toMatchObject([{ id: alert!.id }, { value: 6, endedAt: null }])
  expect(it.errors).toEqual([])
})

test('a replica whose turn ran out while it looked leaves no alert open of what has ended meanwhile', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.whileOneStandsStill(() => void (it.numbers.waiting = 0))
  expect((await it.all()).filter(({ endedAt }) => endedAt === null)).toEqual([])
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(61)
  expect((await it.all()).filter(({ endedAt }) => endedAt === null)).toHaveLength(1)
})

test('two replicas that look at once see one beginning, and open one alert', async () => {
  await using it = await watched(rule('any_waiting', { figure: 'waiting', limit: 0 }))
  await it.after(10)
  it.numbers.waiting = 11
  await it.whileOneStandsStill(() => {})
  expect(await it.all()).toMatchObject([{ rule: 'any_waiting', endedAt: null }])
})

test.each([0, 1, 2])('whoever dies behind %i writes of an end leaves no rule silent', async (writeCount) => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(61)
  const [alert] = await it.all()
  await it.ends(alert!.since, writeCount)
  await it.after(10)
  await it.after(61)
  expect((await it.all()).filter(({ endedAt }) => endedAt === null)).toHaveLength(1)
})

test('an end that comes late ends nothing that began since then', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(61)
  await it.ends(new Date(START - 1_000).toISOString(), 2)
  await it.after(61)
  expect(await it.all()).toMatchObject([{ endedAt: null }])
})

test('a clock that is set back silences no rule', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(-3_600)
  await it.after(61)
  const [alert, ...others] = await it.all()
  expect([alert?.endedAt, others]).toEqual([null, []])
  await it.after(-3_600)
  await it.after(61)
  expect(await it.all()).toEqual([alert])
  it.numbers.waiting = 0
  await it.after(1)
  await it.after(-3_600)
  expect(await it.all()).toMatchObject([{ id: alert!.id, endedAt: expect.any(String) }])
})

test('a figure that is not known neither opens an alert nor ends one', async () => {
  await using it = await watched(rule('abandoned', { figure: 'abandonedPercent', limit: 5 }))
  it.numbers.isArchiveAway = true
  it.numbers.abandoned = 20
  await it.after(10)
  expect(await it.all()).toEqual([])
  it.numbers.isArchiveAway = false
  await it.after(10)
  it.numbers.abandoned = 0
  it.numbers.isArchiveAway = true
  await it.after(10)
  expect(await it.all()).toMatchObject([{ rule: 'abandoned', value: 20, endedAt: null }])
  it.numbers.isArchiveAway = false
  await it.after(10)
  await it.after(61)
  expect(await it.all()).toMatchObject([{ endedAt: expect.any(String) }])
})

test('the archive is asked for the figures of the day only where a rule is about one of them', async () => {
  await using it = await watched(MANY)
  await it.after(10)
  expect(it.dayLookCount()).toBe(0)
  it.adopt([MANY, rule('abandoned', { figure: 'abandonedPercent', limit: 5, queue: 'cards' })])
  await it.after(10)
  expect(it.dayLookCount()).toBeGreaterThan(0)
})

test('a rule that is in force no more ends its alert, and a new one is watched at once', async () => {
  await using it = await watched(rule('any_waiting', { figure: 'waiting', limit: 0 }))
  it.numbers.waiting = 3
  await it.after(10)
  expect(await it.all()).toMatchObject([{ rule: 'any_waiting', endedAt: null }])
  it.adopt([rule('few_waiting', { figure: 'waiting', limit: 5, isBelow: true })])
  await it.after(10)
  expect(await it.all()).toMatchObject([
    { rule: 'any_waiting', endedAt: expect.any(String) },
    { rule: 'few_waiting', isBelow: true, endedAt: null },
  ])
})

test('a rule of words that is in force no more ends its alerts, however many conversations have one; the others stay', async () => {
  const said = (name: string) =>
    AlertRule.fromPartial({
      name,
      reason: 'Read along.',
      condition: { $case: 'words', value: { patterns: ['procon'] } },
    })
  await using it = await watched(said('too_wide'), said('sues'))
  await it.says('too_wide', 'sues', 'too_wide')
  await it.rounds(10)
  expect((await it.all()).filter(({ endedAt }) => endedAt === null)).toHaveLength(3)
  it.adopt([said('sues')])
  await it.rounds(10)
  await expect
    .poll(async () => (await it.all()).flatMap(({ rule, endedAt }) => (endedAt === null ? [rule] : [])))
    .toEqual(['sues'])
})

test('what is open of a rule of words that is in force no more ends, however many newer alerts there are', async () => {
  const said = (name: string) =>
    AlertRule.fromPartial({
      name,
      reason: 'Read along.',
      condition: { $case: 'words', value: { patterns: ['procon'] } },
    })
  await using it = await watched(said('too_wide'), said('sues'))
  await it.says('too_wide')
  await it.rounds(10)
  await it.says(...Array.from({ length: 1_001 }, () => 'sues'))
  it.adopt([said('sues')])
  await it.rounds(10)
  await expect.poll(() => it.openCountOf('too_wide')).toBe(0)
  expect(await it.openCountOf('sues')).toBe(1_001)
})

test('a rule with another limit is another rule: what was open by the old one is over, and it waits its own time', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 30
  await it.after(10)
  await it.after(61)
  it.adopt([rule('many_waiting', { figure: 'waiting', limit: 20, forSeconds: 60, queue: 'cards' })])
  await it.after(10)
  expect(await it.all()).toMatchObject([{ limit: 10, endedAt: expect.any(String) }])
  await it.after(61)
  expect(await it.all()).toMatchObject([
    { limit: 10, endedAt: expect.any(String) },
    { limit: 20, endedAt: null },
  ])
})

test('a replica that does not know yet what is watched ends no alert', async () => {
  await using it = await watched(MANY)
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(61)
  const [alert] = await it.all()
  await it.stopAll()
  const { learns } = it.startUnknowing()
  await it.rounds(10)
  expect(await it.all()).toEqual([alert])
  learns()
  await it.after(10)
  expect(await it.all()).toEqual([alert])
})

test('where no figure is watched nobody takes a turn, once what was left of earlier rules is over', async () => {
  await using it = await watched(rule('any_waiting', { figure: 'waiting', limit: 0 }))
  it.numbers.waiting = 3
  await it.after(10)
  it.adopt([])
  await it.rounds(10)
  await it.rounds(10)
  expect(await it.all()).toMatchObject([{ rule: 'any_waiting', endedAt: expect.any(String) }])
  await it.rounds(10)
  const before = await it.turns()
  await it.rounds(10)
  expect(await it.turns()).toEqual(before)
  it.adopt([rule('any_waiting', { figure: 'waiting', limit: 0 })])
  await it.after(10)
  expect(await it.all()).toMatchObject([{ endedAt: expect.any(String) }, { endedAt: null }])
})

test('a figure of the archive is watched like a number of the wallboard, and while the archive is away it neither opens an alert nor ends one, nor keeps others from it', async () => {
  const slow = { figure: 'handle_time', over: 'last_hours', limit: 300, forSeconds: 60, queue: 'cards' }
  await using it = await watched(MANY, rule('slow', slow), rule('quiet', { ...slow, ofAtLeast: 11 }))
  it.numbers.handleSeconds = 400
  await it.after(10)
  expect(await it.all()).toEqual([])
  await it.after(61)
  const [alert, ...others] = await it.all()
  expect(others).toEqual([])
  expect(alert).toMatchObject({ rule: 'slow', figure: 'handle_time', over: 'last_hours', value: 400 })
  expect(it.asked.at(-1)).toMatchObject({ metric: 'handle_time', by: 'queue', window: 'hour' })
  it.numbers.isArchiveAway = true
  it.numbers.handleSeconds = 0
  it.numbers.waiting = 11
  await it.after(10)
  await it.after(61)
  expect(await it.all()).toMatchObject([alert!, { rule: 'many_waiting', endedAt: null }])
  it.numbers.isArchiveAway = false
  await it.after(10)
  await it.after(61)
  expect(await it.all()).toMatchObject([
    { rule: 'slow', endedAt: expect.any(String) },
    { rule: 'many_waiting', endedAt: null },
  ])
})
