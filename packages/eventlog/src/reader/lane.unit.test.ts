import { expect, test } from 'vitest'
import type { RecordBatch, StoredRecord } from '../log.ts'
import { Lane } from './lane.ts'

const batch = (partition: number, count: number, generation = 1): RecordBatch => ({
  topic: 'events',
  partition,
  generation,
  records: Array.from({ length: count }, (_, at) => ({ partition, offset: BigInt(at) }) as StoredRecord),
  isOwned: () => true,
  heartbeat: async () => {},
})

/** A lane whose rounds end when the test says so. */
function laneOf(roundsAtOnce?: number) {
  const underWay: { readonly partitions: readonly number[]; end(error?: Error): void }[] = []
  const lane = new Lane(
    'group',
    async ({ records }) => {
      const ended = Promise.withResolvers<void>()
      const round = {
        partitions: [...new Set(records.map(({ partition }) => partition))],
        end(error?: Error) {
          underWay.splice(underWay.indexOf(round), 1)
          if (error === undefined) ended.resolve()
          else ended.reject(error)
        },
      }
      underWay.push(round)
      await ended.promise
    },
    roundsAtOnce,
  )
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    lane,
    end: (at: number, error?: Error) => underWay[at]!.end(error),
    async rounds() {
      await settled()
      return underWay.map(({ partitions }) => partitions)
    },
  }
}

test('what arrives while a round is under way makes the next one together', async () => {
  const { lane, end, rounds } = laneOf()
  const first = lane.handle(batch(0, 5_000))
  expect(await rounds()).toEqual([[0]])
  void lane.handle(batch(1, 5_000))
  void lane.handle(batch(2, 5_000))
  expect(await rounds()).toEqual([[0]])
  end(0)
  await first
  expect(await rounds()).toEqual([[1, 2]])
})

test('where two may be under way, one begins beside another for much that waits, and not for little', async () => {
  const { lane, end, rounds } = laneOf(2)
  for (const partition of [0, 1, 2, 3]) void lane.handle(batch(partition, 1_000))
  expect(await rounds()).toEqual([
    [0, 1],
    [2, 3],
  ])
  void lane.handle(batch(4, 5_000))
  expect(await rounds()).toHaveLength(2)
  end(0)
  expect(await rounds()).toEqual([[2, 3], [4]])
  end(1)
  void lane.handle(batch(5, 1_999))
  expect(await rounds()).toEqual([[2, 3]])
  end(0)
  expect(await rounds()).toEqual([[5]])
})

test('what an operator wants done is done with no round under way, and none begins meanwhile', async () => {
  const { lane, end, rounds } = laneOf(2)
  for (const partition of [0, 1]) void lane.handle(batch(partition, 2_000))
  expect(await rounds()).toHaveLength(2)
  const work = Promise.withResolvers<void>()
  let isBegun = false
  const done = lane.between(() => {
    isBegun = true
    return work.promise
  })
  void lane.handle(batch(2, 5_000))
  end(0)
  expect(await rounds()).toEqual([[1]])
  expect(isBegun).toBe(false)
  end(0)
  expect(await rounds()).toEqual([])
  expect(isBegun).toBe(true)
  void lane.handle(batch(3, 10))
  expect(await rounds()).toEqual([])
  work.resolve()
  await done
  expect(await rounds()).toEqual([[2]])
})

test('after a rebalance nothing begins beside what was begun before it: it may be of the same partition', async () => {
  const { lane, end, rounds } = laneOf(2)
  void lane.handle(batch(0, 5_000))
  expect(await rounds()).toEqual([[0]])
  void lane.handle(batch(0, 5_000, 2))
  expect(await rounds()).toEqual([[0]])
  end(0)
  expect(await rounds()).toEqual([[0]])
})

test('a partition that failed is alone in its next round, and in no other, and has it in its turn, however much of others waits', async () => {
  const { lane, end, rounds } = laneOf()
  const failing = lane.handle(batch(0, 1))
  expect(await rounds()).toEqual([[0]])
  end(0, new Error('The store is away.'))
  await expect(failing).rejects.toThrow('The store is away.')
  void lane.handle(batch(1, 1))
  expect(await rounds()).toEqual([[1]])
  void lane.handle(batch(0, 1))
  void lane.handle(batch(2, 1))
  end(0)
  expect(await rounds()).toEqual([[0]])
  void lane.handle(batch(1, 1))
  end(0)
  expect(await rounds()).toEqual([[2, 1]])
  void lane.handle(batch(3, 1))
  void lane.handle(batch(0, 1))
  end(0)
  expect(await rounds()).toEqual([[3, 0]])
})

test('what a rebalance overtook while it waited is not handled', async () => {
  const { lane, end, rounds } = laneOf()
  void lane.handle(batch(0, 1))
  expect(await rounds()).toEqual([[0]])
  const overtaken = lane.handle(batch(1, 1))
  void lane.handle(batch(2, 1, 2))
  end(0)
  await expect(overtaken).rejects.toMatchObject({ code: 'MEMBERSHIP_LOST' })
  expect(await rounds()).toEqual([[2]])
})
