import { expect, onTestFinished, test, vi } from 'vitest'
import type { RangeReader } from './range-reader.ts'
import { TopicReader } from './topic-reader.ts'
import type { Wire } from './wire.ts'

const TRIES = 12
/** Whatever is asked for fails at once: nobody listens there. */
const NOBODY = '127.0.0.1:1'

/** Says who leads, and counts how often it is asked. */
function leadersOf(leaders: ReadonlyMap<number, number>) {
  const asked = { count: 0 }
  const wire = {
    async refresh() {},
    async leaders() {
      asked.count += 1
      return leaders
    },
  } as Partial<Wire> as Wire
  const ranges = {
    ask: (question: (open: Wire) => Promise<unknown>) => question(wire),
  } as Partial<RangeReader> as RangeReader
  return { asked, ranges }
}

test('while a partition has no leader, and the broker of another cannot be reached, leaders are asked for once a try and once a second, however long that lasts', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { asked, ranges } = leadersOf(
    new Map([
      [0, 1],
      [1, -1],
    ]),
  )
  let tries = 0
  const reader = new TopicReader(
    {
      brokers: [NOBODY],
      log: (_, message) => void (message === 'A fetch failed and is tried again.' && (tries += 1)),
    },
    'leaders',
    ranges,
    {
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
    },
  )
  onTestFinished(() => reader.end())
  reader.start()
  let seconds = 0
  for (; tries < TRIES; seconds += 0.05) {
    await vi.advanceTimersByTimeAsync(50)
    // What a socket has to say comes between two turns.
    await new Promise(setImmediate)
  }
  expect(asked.count).toBeLessThanOrEqual(1 + tries + Math.ceil(seconds))
})
