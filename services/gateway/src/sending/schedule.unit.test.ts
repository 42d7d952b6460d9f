import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Job, type Limits, Schedule } from './schedule.ts'
import { fullBucket, takeToken, waitForToken } from './token-bucket.ts'

const LIMITS: Limits = {
  perSecond: () => 80,
  pair: { burst: 45, perSecond: 1 / 6 },
  attemptsMax: 64,
  probeEveryMs: 30_000,
}
const job = (contactId: string, streamVersion: number, partition = 0): Job => ({
  messageId: `${contactId}-${streamVersion}`,
  contactId,
  accountId: 'A',
  partition,
  streamVersion,
})
const waiting = { stage: 'waiting', notBefore: 0 } as const
const T = 1_000_000

/** Runs the clock until nothing is left to do or the time is up; each started job ends after callMs. */
function simulate(schedule: Schedule<Job>, untilMs: number, callMs = 0): { at: number; id: string }[] {
  const started: { at: number; id: string }[] = []
  const ending: { at: number; id: string }[] = []
  for (let now = T; now <= T + untilMs;) {
    for (const { id } of ending.filter(({ at }) => at <= now)) schedule.finish(id)
    ending.splice(0, ending.length, ...ending.filter(({ at }) => at > now))
    for (const { messageId } of schedule.takeStartable(now)) {
      started.push({ at: now - T, id: messageId })
      ending.push({ at: now + callMs, id: messageId })
    }
    const next = Math.min(schedule.wakeAt(now) ?? Infinity, ...ending.map(({ at }) => at))
    if (next === Infinity) break
    now = Math.max(next, now + (callMs === 0 && ending.length > 0 ? 0 : 1))
    if (callMs === 0 && ending.length > 0) {
      for (const { id } of ending) schedule.finish(id)
      ending.length = 0
    }
  }
  return started
}

test("a contact's messages go strictly one after the other, in the order of its stream", () => {
  const schedule = new Schedule<Job>({ ...LIMITS, perSecond: () => 1e6 })
  for (const version of [3, 1, 2]) schedule.add(job('ana', version), waiting)
  expect(schedule.takeStartable(T).map(({ messageId }) => messageId)).toEqual(['ana-1'])
  expect(schedule.takeStartable(T + 5000)).toEqual([])
  schedule.finish('ana-1')
  expect(schedule.takeStartable(T + 5000).map(({ messageId }) => messageId)).toEqual(['ana-2'])
  schedule.postpone('ana-2', T + 9000)
  expect(schedule.takeStartable(T + 8999)).toEqual([])
  expect(schedule.wakeAt(T + 8999)).toBe(T + 9000)
  expect(schedule.takeStartable(T + 9000).map(({ messageId }) => messageId)).toEqual(['ana-2'])
})

test('while one hangs, the next of its contact waits and those of others do not', () => {
  const schedule = new Schedule<Job>(LIMITS)
  schedule.add(job('ana', 1), waiting)
  schedule.add(job('ana', 2), waiting)
  schedule.takeStartable(T)
  schedule.hang('ana-1', T + 20_000)
  schedule.add(job('bia', 1), waiting)
  expect(schedule.takeStartable(T + 1000).map(({ messageId }) => messageId)).toEqual(['bia-1'])
  expect(schedule.takeHanging(T + 19_999)).toEqual([])
  expect(schedule.takeHanging(T + 20_000).map(({ messageId }) => messageId)).toEqual(['ana-1'])
  expect(schedule.takeHanging(T + 20_001)).toEqual([])
  schedule.lookAgain('ana-1', T + 21_000)
  expect(schedule.wakeAt(T + 20_001)).toBe(T + 21_000)
  schedule.finish('ana-1')
  expect(schedule.takeStartable(T + 20_001).map(({ messageId }) => messageId)).toEqual(['ana-2'])
})

test('one that hung and was settled, or let go again, is looked at no more', () => {
  const schedule = new Schedule<Job>(LIMITS)
  schedule.add(job('ana', 1), waiting)
  schedule.takeStartable(T)
  schedule.hang('ana-1', T + 20_000)
  schedule.add(job('bia', 1), { stage: 'hanging', lookAt: T + 20_000 })
  schedule.finish('ana-1')
  schedule.postpone('bia-1', 0)
  schedule.lookAgain('ana-1', T + 30_000)
  schedule.lookAgain('bia-1', T + 30_000)
  expect(schedule.takeHanging(T + 60_000)).toEqual([])
  expect(schedule.takeStartable(T + 60_000).map(({ messageId }) => messageId)).toEqual(['bia-1'])
})

test('the number never gets more than its rate in any second', () => {
  const schedule = new Schedule<Job>(LIMITS)
  for (let contact = 0; contact < 400; contact++) schedule.add(job(`c${contact}`, 1), waiting)
  const starts = simulate(schedule, 10_000).map(({ at }) => at)
  expect(starts).toHaveLength(400)
  const inAnySecond = starts.map((start) => starts.filter((at) => at >= start && at < start + 1000).length)
  expect(Math.max(...inAnySecond)).toBeLessThanOrEqual(80)
  expect(starts.at(-1)).toBeLessThan(5_400)
})

test('a share of the partitions is a share of the rate', () => {
  const schedule = new Schedule<Job>(LIMITS)
  schedule.setShare(0.25)
  for (let contact = 0; contact < 400; contact++) schedule.add(job(`c${contact}`, 1), waiting)
  expect(simulate(schedule, 3_000).length).toBeLessThanOrEqual(62)
})

test('one customer gets 45 at once, then one every six seconds', () => {
  const schedule = new Schedule<Job>({ ...LIMITS, perSecond: () => 1e6 })
  for (let version = 1; version <= 50; version++) schedule.add(job('ana', version), waiting)
  const starts = simulate(schedule, 60_000).map(({ at }) => at)
  expect(starts.slice(0, 45).every((at) => at < 100)).toBe(true)
  expect(starts.slice(45).map((at) => Math.round(at / 1000))).toEqual([6, 12, 18, 24, 30])
})

describe('the gate of a number', () => {
  test('a stopped number is tried with one message each half minute, and opens when it works', () => {
    const schedule = new Schedule<Job>(LIMITS)
    for (const contact of ['ana', 'bia', 'caio']) schedule.add(job(contact, 1), waiting)
    const tried = schedule.takeStartable(T)
    expect(schedule.stop('A', 190, T)).toBe(true)
    expect(schedule.stop('A', 190, T)).toBe(false)
    for (const { messageId } of tried) schedule.postpone(messageId, T)
    expect(schedule.gateOf('A')).toMatchObject({ state: 'stopped', code: 190 })
    expect(schedule.takeStartable(T + 29_999)).toEqual([])
    expect(schedule.wakeAt(T + 29_999)).toBe(T + 30_000)
    expect(schedule.takeStartable(T + 30_000)).toHaveLength(1)
    expect(schedule.takeStartable(T + 30_001)).toEqual([])
    expect(schedule.worked('A')).toBe(true)
    expect(schedule.takeStartable(T + 30_002).length).toBeGreaterThan(0)
  })

  test('a slowed number waits longer each time, and not at all after a success', () => {
    const schedule = new Schedule<Job>(LIMITS)
    schedule.slow('A', 130429, 100, 30_000, T)
    schedule.slow('A', 130429, 100, 30_000, T + 1)
    expect(schedule.gateOf('A')).toMatchObject({ until: T + 100 })
    schedule.slow('A', 130429, 100, 30_000, T + 100)
    expect(schedule.gateOf('A')).toMatchObject({ until: T + 300 })
    schedule.worked('A')
    schedule.slow('A', 130429, 100, 30_000, T + 300)
    expect(schedule.gateOf('A')).toMatchObject({ until: T + 400 })
  })
})

test('partitions that went to another gateway are forgotten', () => {
  const schedule = new Schedule<Job>(LIMITS)
  schedule.add(job('ana', 1, 0), waiting)
  schedule.add(job('bia', 1, 1), waiting)
  schedule.dropOthers(new Set([1]))
  expect(schedule.takeStartable(T + 1000).map(({ messageId }) => messageId)).toEqual(['bia-1'])
})

test('whatever happens, each message is started, none twice at once, and in the order of its contact', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3)), { minLength: 1, maxLength: 30 }),
      fc.array(fc.constantFrom('finish', 'postpone', 'slow', 'stop', 'hang'), { maxLength: 60 }),
      (messages, outcomes) => {
        const schedule = new Schedule<Job>({ ...LIMITS, pair: { burst: 3, perSecond: 1 } })
        const versions = new Map<string, number>()
        for (const [contact] of messages) {
          const version = (versions.get(contact) ?? 0) + 1
          versions.set(contact, version)
          schedule.add(job(contact, version), waiting)
        }
        const finished: string[] = []
        const running = new Set<string>()
        const end = (id: string): void => {
          running.delete(id)
          schedule.finish(id)
          finished.push(id)
        }
        for (let now = T, steps = 0; schedule.size > 0; steps++) {
          if (steps > 5_000) throw new Error('It never ends.')
          for (const { messageId } of schedule.takeHanging(now)) end(messageId)
          for (const { messageId, accountId, contactId } of schedule.takeStartable(now)) {
            if ([...running].some((id) => id.startsWith(`${contactId}-`))) throw new Error('Two at once.')
            running.add(messageId)
            const outcome = outcomes.shift() ?? 'finish'
            if (outcome === 'hang') {
              schedule.hang(messageId, now + 700)
              continue
            }
            running.delete(messageId)
            if (outcome === 'slow') schedule.slow(accountId, 4, 100, 30_000, now)
            if (outcome === 'stop') schedule.stop(accountId, 190, now)
            if (outcome === 'finish') {
              schedule.worked(accountId)
              end(messageId)
            } else schedule.postpone(messageId, now + (outcome === 'postpone' ? 500 : 0))
          }
          if (schedule.size === 0) break
          const wakeAt = schedule.wakeAt(now)
          if (wakeAt === undefined) throw new Error('It sleeps for ever.')
          now = Math.max(now + 1, wakeAt)
        }
        for (const [contact, last] of versions)
          expect(finished.filter((id) => id.startsWith(`${contact}-`))).toEqual(
            Array.from({ length: last }, (_, index) => `${contact}-${index + 1}`),
          )
      },
    ),
  )
})

test('a bucket gives its burst, then its rate, and a clock that jumps back takes nothing away', () => {
  const rate = { burst: 2, perSecond: 10 }
  let bucket = fullBucket(rate, T)
  bucket = takeToken(takeToken(bucket, rate, T), rate, T)
  expect(waitForToken(bucket, rate, T)).toBe(100)
  expect(waitForToken(bucket, rate, T - 60_000)).toBe(100)
  expect(waitForToken(bucket, rate, T + 100)).toBe(0)
  expect(waitForToken(takeToken(bucket, rate, T), { burst: 1, perSecond: 0 }, T)).toBe(Infinity)
})
