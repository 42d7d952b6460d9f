import type { NewCommand } from '@parley/kernel'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Deadline } from './deadlines.ts'
import { LogClock } from '../log-clock.ts'
import { type DueDeadlines, type StreamDeadlines, tick } from './ticker.ts'

const NOON = Date.parse('2026-03-02T12:00:00.000Z')
const isoOf = (time: number): string => new Date(time).toISOString()

/** A log that stands at noon, and what it took. */
function logAtNoon() {
  const taken: NewCommand[] = []
  const append = async (commands: readonly NewCommand[]) => {
    taken.push(...commands)
    return commands.map((_, index) => ({ partition: 0, offset: BigInt(index), timestamp: isoOf(NOON) }))
  }
  const clock = new LogClock(() => 0)
  clock.set([{ partition: 0, offset: 0n, timestamp: isoOf(NOON) }])
  return { taken, append, clock }
}
const deadline = (reference: string, dueAt: string): Deadline => ({
  kind: reference.startsWith('turn') ? 'bot_turn' : 'silence',
  reference,
  dueAt,
  correlationId: 'conversation',
  traceparent: '',
})

/** As Mongo keeps them, in memory. */
function deadlinesInMemory(streams: readonly StreamDeadlines[]): DueDeadlines & { all(): readonly string[] } {
  const kept = new Map(streams.map((stream) => [stream.streamId, stream]))
  return {
    async due(_, at, limit) {
      const next = (stream: StreamDeadlines) =>
        Math.min(...stream.deadlines.map(({ dueAt }) => Date.parse(dueAt)))
      return [...kept.values()]
        .filter((stream) => stream.deadlines.length > 0 && next(stream) <= at)
        .sort((left, right) => next(left) - next(right))
        .slice(0, limit)
    },
    async leave(remaining) {
      for (const stream of remaining)
        if (kept.get(stream.streamId)?.seenVersion === stream.seenVersion) kept.set(stream.streamId, stream)
    },
    forget: () => {},
    all: () => [...kept.values()].flatMap(({ deadlines }) => deadlines.map(({ reference }) => reference)),
  }
}

const twoStreams = () =>
  deadlinesInMemory([
    {
      streamId: 'ana',
      seenVersion: 7,
      deadlines: [
        deadline('turn', '2026-03-02T11:59:59.000Z'),
        deadline('silence', '2026-03-02T12:30:00.000Z'),
      ],
    },
    { streamId: 'rui', seenVersion: 3, deadlines: [deadline('quiet', '2026-03-02T12:00:00.000Z')] },
  ])
const family = { expiry: ({ kind }: Deadline) => ({ type: 'Expire', data: { kind } }) }

test('what is due becomes a command, once; what is not stays', async () => {
  const store = twoStreams()
  const { taken, append, clock } = logAtNoon()
  const options = { family, store, partitions: () => [0], append, clock }
  expect(await tick(options)).toBe(2)
  expect(await tick(options)).toBe(0)
  expect(taken).toMatchObject([
    { type: 'Expire', data: { kind: 'bot_turn' }, streamId: 'ana', causationId: 'turn' },
    { type: 'Expire', data: { kind: 'silence' }, streamId: 'rui', causationId: 'quiet' },
  ])
  expect(store.all()).toEqual(['silence'])
})

test('what the log did not acknowledge is due again, as the same command', async () => {
  const store = twoStreams()
  const { append, clock } = logAtNoon()
  const tried: string[] = []
  const failing = async (commands: readonly NewCommand[]) => {
    tried.push(...commands.map(({ commandId }) => commandId))
    if (tried.length <= 2) throw new Error('the log is away')
    return append(commands)
  }
  const options = { family, store, partitions: () => [0], append: failing, clock }
  await expect(tick(options)).rejects.toThrow('the log is away')
  expect(await tick(options)).toBe(2)
  expect(tried.slice(0, 2)).toEqual(tried.slice(2))
})

test('a deadline that no command can be made of is not taken for said: it is found again', async () => {
  let forgotten = 0
  const store = { ...twoStreams(), forget: () => void (forgotten += 1) }
  const { append, clock } = logAtNoon()
  const broken = {
    expiry(): never {
      throw new Error('of another release')
    },
  }
  await expect(tick({ family: broken, store, partitions: () => [0], append, clock })).rejects.toThrow(
    'of another release',
  )
  expect(forgotten).toBe(1)
})

test('a process that looks after no partition looks at nothing', async () => {
  const store = twoStreams()
  const append = async (): Promise<never> => Promise.reject(new Error('nothing to say'))
  const { clock } = logAtNoon()
  expect(await tick({ family, store, partitions: () => [], append, clock })).toBe(0)
})

test('who does not know the time asks the log by the deadline that comes next, and no other', async () => {
  const store = deadlinesInMemory(
    ['2026-03-02T12:30:00.000Z', '2026-03-02T12:10:00.000Z'].map((dueAt, index) => ({
      streamId: `stream-${index}`,
      seenVersion: 1,
      deadlines: [deadline(`quiet-${index}`, dueAt)],
    })),
  )
  const { taken, append } = logAtNoon()
  const clock = new LogClock(() => 0)
  const options = { family, store, partitions: () => [0], append, clock }
  expect(await tick(options)).toBe(0)
  expect(taken).toMatchObject([{ streamId: 'stream-1' }])
  expect(store.all(), 'what came too early is due again').toEqual(['quiet-0', 'quiet-1'])
  expect(clock.now()).toBe(NOON)
  expect(await tick(options)).toBe(0)
  expect(taken).toHaveLength(1)
})

const LOOK_MS = 1_000
const MINUTE_MS = 60_000

/** What may happen between two looks: time passes, the log's clock jumps against this one, this machine sleeps, an answer is lost. */
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ passes: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ jumps: fc.integer({ min: -7_200_000, max: 7_200_000 }) }) },
  { weight: 1, arbitrary: fc.record({ sleeps: fc.integer({ min: 0, max: 600_000 }) }) },
  { weight: 1, arbitrary: fc.constant({ losesAnswer: true }) },
)

test('whatever the clocks do, nothing is decided before it is due by the log, and nothing later than a minute and a look after', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 1_800_000 }), { minLength: 1, maxLength: 12 }),
      fc.array(happening, { maxLength: 40 }),
      async (delays, happenings) => {
        const dueAt = new Map(delays.map((delay, index) => [`stream-${index}`, NOON + delay]))
        const store = deadlinesInMemory(
          [...dueAt].map(([streamId, time]) => ({
            streamId,
            seenVersion: 1,
            deadlines: [deadline(`quiet-${streamId}`, isoOf(time))],
          })),
        )
        let logTime = NOON
        let elapsed = 0
        let isAnswerLost = false
        const decided = new Set<string>()
        /** For how long the log's time has been past it while this machine was awake. */
        const overdue = new Map<string, number>()
        const late: string[] = []
        const lost: string[] = []
        const append = async (commands: readonly NewCommand[]) => {
          // The rules, which judge by nothing but the time of the record.
          for (const { streamId } of commands) if (logTime >= dueAt.get(streamId)!) decided.add(streamId)
          if (isAnswerLost) {
            isAnswerLost = false
            throw new Error('the answer was lost')
          }
          return commands.map(() => ({ partition: 0, offset: 0n, timestamp: isoOf(logTime) }))
        }
        const options = {
          family,
          store,
          partitions: () => [0],
          append,
          clock: new LogClock(() => elapsed),
        }
        const look = async () => {
          await tick(options).catch(() => 0)
          const kept = new Set(store.all())
          for (const [streamId, time] of dueAt) {
            const isKept = kept.has(`quiet-${streamId}`)
            if (!isKept && !decided.has(streamId)) lost.push(streamId)
            if (logTime < time || decided.has(streamId)) overdue.delete(streamId)
            else if ((overdue.get(streamId) ?? 0) > MINUTE_MS + 2 * LOOK_MS) late.push(streamId)
          }
        }
        const pass = async (ms: number) => {
          for (let left = ms; left > 0; left -= LOOK_MS) {
            elapsed += LOOK_MS
            logTime += LOOK_MS
            for (const [streamId, time] of dueAt)
              if (logTime - LOOK_MS >= time) overdue.set(streamId, (overdue.get(streamId) ?? 0) + LOOK_MS)
            await look()
          }
        }
        for (const what of happenings) {
          if ('passes' in what) await pass(what.passes)
          else if ('jumps' in what) logTime += what.jumps
          else if ('sleeps' in what) logTime += what.sleeps
          else isAnswerLost = true
        }
        logTime = Math.max(logTime, NOON + 1_800_000)
        await pass(2 * MINUTE_MS)
        expect({ late, lost, left: store.all() }).toEqual({ late: [], lost: [], left: [] })
        expect([...decided].sort()).toEqual([...dueAt.keys()].sort())
      },
    ),
    runs(50),
  ))
