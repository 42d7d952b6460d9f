import { expect, onTestFinished, test, vi } from 'vitest'
import { LogUnavailable } from '../errors.ts'
import type { LogLine } from './settings.ts'
import type { RangeReader } from './range-reader.ts'
import { TopicReader } from './topic-reader.ts'
import type { Wire } from './wire.ts'

const TRIES = 12
/** Whatever is asked for fails at once: nobody listens there. */
const NOBODY = '127.0.0.1:1'

/** A reader of two partitions, whose time the test lets pass. */
function reading(leadersOf: () => ReadonlyMap<number, number>, log?: LogLine) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked = { count: 0 }
  const wire = {
    async refresh() {},
    async leaders() {
      asked.count += 1
      return leadersOf()
    },
  } as Partial<Wire> as Wire
  const ranges = {
    ask: (question: (open: Wire) => Promise<unknown>) => question(wire),
  } as Partial<RangeReader> as RangeReader
  const reader = new TopicReader({ brokers: [NOBODY], ...(log && { log }) }, 'leaders', ranges, {
    topic: 'leaders',
    starts: new Map([
      [0, 0n],
      [1, 0n],
    ]),
    concurrency: 2,
    gatherMs: 0,
    leisureMs: 0,
    isAwaited: () => true,
    onBatch: async () => {},
    onFault: (error) => {
      throw error
    },
  })
  onTestFinished(() => reader.end())
  reader.start()
  return { reader, asked }
}

test('while a partition has no leader, and the broker of another cannot be reached, leaders are asked for once a try and once a second, however long that lasts', async () => {
  const tried: string[] = []
  const leaders = new Map([
    [0, 1],
    [1, -1],
  ])
  const { asked } = reading(
    () => leaders,
    (_, message) => void (message === 'A fetch failed and is tried again.' && tried.push(message)),
  )
  let seconds = 0
  for (; tried.length < TRIES; seconds += 0.05) {
    await vi.advanceTimersByTimeAsync(50)
    // What a socket has to say comes between two turns.
    await new Promise(setImmediate)
  }
  expect(asked.count).toBeLessThanOrEqual(1 + tried.length + Math.ceil(seconds))
})

test.for([
  ['of which no broker is said to lead them', () => new Map<number, number>()],
  [
    'of which nobody says who leads them',
    () => {
      throw new LogUnavailable('The log did not answer.')
    },
  ],
] as const)('partitions %s are said to be stuck', async ([, leadersOf]) => {
  const { reader } = reading(leadersOf)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(reader.stuck()).toEqual([])
  await vi.advanceTimersByTimeAsync(15_000)
  expect(reader.stuck()).toMatchObject([{ partition: 0 }, { partition: 1 }])
})
