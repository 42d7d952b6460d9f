import type { NewCommand } from '@parley/kernel'
import { expect, test } from 'vitest'
import type { Deadline } from './deadlines.ts'
import { type DueDeadlines, type StreamDeadlines, tick } from './ticker.ts'

const NOW = new Date('2026-03-02T12:00:00.000Z')
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
    async due(_, at) {
      return [...kept.values()].filter(({ deadlines }) =>
        deadlines.some(({ dueAt }) => Date.parse(dueAt) <= +at),
      )
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
  const appended: NewCommand[] = []
  const options = {
    family,
    store,
    partitions: () => [0],
    append: async (commands: readonly NewCommand[]) => void appended.push(...commands),
    now: () => NOW,
  }
  expect(await tick(options)).toBe(2)
  expect(await tick(options)).toBe(0)
  expect(appended).toMatchObject([
    { type: 'Expire', data: { kind: 'bot_turn' }, streamId: 'ana', causationId: 'turn' },
    { type: 'Expire', data: { kind: 'silence' }, streamId: 'rui', causationId: 'quiet' },
  ])
  expect(store.all()).toEqual(['silence'])
})

test('what the log did not acknowledge is due again, as the same command', async () => {
  const store = twoStreams()
  const tried: string[] = []
  const append = async (commands: readonly NewCommand[]): Promise<void> => {
    tried.push(...commands.map(({ commandId }) => commandId))
    if (tried.length <= 2) throw new Error('the log is away')
  }
  const options = { family, store, partitions: () => [0], append, now: () => NOW }
  await expect(tick(options)).rejects.toThrow('the log is away')
  expect(await tick(options)).toBe(2)
  expect(tried.slice(0, 2)).toEqual(tried.slice(2))
})

test('a process that looks after no partition looks at nothing', async () => {
  const store = twoStreams()
  const append = async (): Promise<void> => Promise.reject(new Error('nothing to say'))
  expect(await tick({ family, store, partitions: () => [], append, now: () => NOW })).toBe(0)
})
