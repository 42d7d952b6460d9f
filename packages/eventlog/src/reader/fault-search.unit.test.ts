import { expect, test } from 'vitest'
import { LogUnavailable } from '../errors.ts'
import { FaultSearch } from './fault-search.ts'

const at = (offset: number, partition = 0) => ({ partition, key: `stream-${offset}`, offset })
const records = Array.from({ length: 100 }, (_, offset) => at(offset))
const stuck = { partition: 0 }

/** Work that fails where `bad` stands among the records, and what it did. */
function working() {
  const world = { bad: 77 as number | undefined, error: new Error('Not this one.') }
  const calls: number[] = []
  const done = new Set<number>()
  const work = async (some: readonly ReturnType<typeof at>[]) => {
    calls.push(some.length)
    if (some.some(({ offset }) => offset === world.bad)) throw world.error
    for (const { offset } of some) done.add(offset)
  }
  return { world, calls, done, work }
}

async function failing(faults: FaultSearch, { work, world }: ReturnType<typeof working>, times: number) {
  for (let nth = 0; nth < times; nth += 1)
    await expect(faults.handle(records, work)).rejects.toBe(world.error)
}

test('before a partition is told as stuck its stream is looked for by halves, and what stands before it is done', async () => {
  const on = working()
  const { calls, done, work, world } = on
  const faults = new FaultSearch()
  await failing(faults, on, 4)
  expect(calls).toEqual([100, 100, 100, 100])
  expect(faults.named(stuck)).toEqual({ partition: 0, streamId: undefined })
  await failing(faults, on, 1)
  expect(faults.named(stuck)).toEqual({ partition: 0, streamId: 'stream-77' })
  expect([...done].toSorted((left, right) => left - right)).toEqual(
    records.slice(0, 77).map(({ offset }) => offset),
  )
  expect(calls.length - 4).toBeLessThan(20)

  world.bad = undefined
  await faults.handle(records, work)
  expect(faults.named(stuck)).toMatchObject({ streamId: undefined })
  world.bad = 1
  await failing(faults, on, 1)
  expect(faults.named(stuck), 'it counts anew').toMatchObject({ streamId: undefined })
})

test('while the store or the log is away no stream is at fault, and nothing is tried in parts', async () => {
  const on = working()
  const { calls, world } = on
  const faults = new FaultSearch()
  await failing(faults, on, 5)
  expect(faults.named(stuck)).toMatchObject({ streamId: 'stream-77' })
  world.error = new LogUnavailable('The log is away.')
  calls.length = 0
  await failing(faults, on, 1)
  expect(calls).toEqual([100])
  expect(faults.named(stuck)).toMatchObject({ streamId: undefined })
})

test('after a rebalance it is counted anew', async () => {
  const on = working()
  const { calls } = on
  const faults = new FaultSearch()
  await failing(faults, on, 5)
  faults.clear()
  calls.length = 0
  expect(faults.named(stuck)).toMatchObject({ streamId: undefined })
  await failing(faults, on, 1)
  expect(calls).toEqual([100])
})
