import { tally } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import type { EventLog } from '../log.ts'
import { bothLogs, partitions } from '../logs.fixture.ts'
import { buildAhead } from './ahead.ts'
import {
  HOST_UNTOLD,
  type TallyDecider,
  eventually,
  expectOnceInOrder,
  folded,
  stage,
  wishes,
} from './host.fixture.ts'

/** The next release: its snapshots are of its own. */
const next: TallyDecider = { ...tally, version: 2 }

interface Phase {
  name: 'ahead' | 'takeover'
}

/** Counts the events that are read, before the group is joined and after. */
function counted(log: EventLog, topic: string, phase: Phase) {
  const read = { ahead: 0, takeover: 0 }
  const counting: EventLog = {
    ...log,
    async read(from, ...range) {
      const records = await log.read(from, ...range)
      if (from === topic) read[phase.name] += records.length
      return records
    },
    subscribe(options) {
      phase.name = 'takeover'
      return log.subscribe(options)
    },
  }
  return { log: counting, read }
}

/** How many events are in the log. */
async function recorded({
  log,
  topics,
}: Pick<Awaited<ReturnType<typeof stage<EventLog>>>, 'log' | 'topics'>) {
  let count = 0
  for (let partition = 0; partition < partitions; partition += 1)
    count += Number(await log.endOffset(topics.events, partition))
  return count
}

describe.each(bothLogs())('a new version on %s', (_, open) => {
  test('folds all events beside the running one, which decides all the time; it takes over with a short tail', async () => {
    await using on = await stage(open)
    const past = wishes(6_000, 'past', 200)
    const old = await on.host(tally)
    await on.wish(...past)
    await expect.poll(() => recorded(on), eventually).toBe(6_000)

    // With each part of the log that the new version reads, a wish is said; the next part waits until it is decided.
    const said = [...past]
    const phase: Phase = { name: 'ahead' }
    const { log, read } = counted(on.log, on.topics.events, phase)
    const ownedMeanwhile: number[] = []
    const allDecided = (count: number) => expect.poll(() => recorded(on), eventually).toBe(count)
    const beside: EventLog = {
      ...log,
      async read(topic, ...range) {
        if (topic === on.topics.events && phase.name === 'ahead') {
          const more = wishes(10, `more${said.length}-`, 200)
          said.push(...more)
          await on.wish(...more)
          await allDecided(said.length)
          ownedMeanwhile.push(old.partitions().length)
        }
        return log.read(topic, ...range)
      },
    }
    await on.host(next, { log: beside, tailShort: 50n })
    // Nobody took anything from the old one.
    expect(ownedMeanwhile.length).toBeGreaterThanOrEqual(3)
    expect(new Set(ownedMeanwhile)).toEqual(new Set([3]))
    expect(read.ahead).toBeGreaterThanOrEqual(6_000)
    await old.stop()
    const last = wishes(50, 'last', 200)
    await on.wish(...last)
    said.push(...last)
    await expect.poll(() => recorded(on), eventually).toBe(said.length)
    expectOnceInOrder(await on.events(), said)
    // What came while others were folded, and no more than that.
    expect(read.takeover).toBeLessThanOrEqual(150)
    expect(on.faults).toEqual([])
  })

  test('after a crash in the middle of it, another one goes on from what was written', async () => {
    await using on = await stage(open)
    const old = await on.host(tally)
    await on.wish(...wishes(9_000, 'past', 300))
    await expect.poll(() => recorded(on), eventually).toBe(9_000)
    await old.stop()

    const options = {
      topics: on.topics,
      group: 'unused',
      db: on.db,
      decider: next,
      policy: undefined,
      tailShort: 100n,
      snapshotEveryStreams: 10,
      ...HOST_UNTOLD,
      onFault: (error: Error) => void on.faults.push(error),
    }
    let ranges = 0
    const dying: EventLog = {
      ...on.log,
      async read(topic, ...range) {
        if (topic === on.topics.events && (ranges += 1) > 2) throw new Error('The process died.')
        return on.log.read(topic, ...range)
      },
    }
    await expect(buildAhead({ ...options, log: dying })).rejects.toThrow('The process died.')
    const claims = on.db.collection<{ _id: number; at: Date }>('tally_v2_partitions')
    // As if a minute had passed: nobody is at it any more.
    await claims.updateMany({}, { $set: { at: new Date(0) } })

    const phase: Phase = { name: 'ahead' }
    const { log, read } = counted(on.log, on.topics.events, phase)
    await buildAhead({ ...options, log })
    expect(read.ahead).toBeGreaterThan(0)
    // Two of three partitions were folded and written before the crash.
    expect(read.ahead).toBeLessThan(9_000 - 4_000)
    await on.host(next, { tailShort: 100n })
    await on.wish(...wishes(10, 'last', 300))
    await expect.poll(() => recorded(on), eventually).toBe(9_010)
    expect(folded(await on.events()).accepted.length).toBe(9_010)
  })

  test('two of a new version that start at once share the folding, and both wait until it is done', async () => {
    await using on = await stage(open)
    const old = await on.host(tally)
    await on.wish(...wishes(3_000, 'past', 100))
    await expect.poll(() => recorded(on), eventually).toBe(3_000)
    await old.stop()
    const phase: Phase = { name: 'ahead' }
    const { log, read } = counted(on.log, on.topics.events, phase)
    const building = { one: 0, two: 0 }
    const options = {
      log,
      topics: on.topics,
      group: 'unused',
      db: on.db,
      decider: next,
      tailShort: 100n,
      ...HOST_UNTOLD,
    }
    await Promise.all([
      buildAhead({ ...options, policy: undefined, onBuildingAhead: () => void (building.one += 1) }),
      buildAhead({ ...options, policy: undefined, onBuildingAhead: () => void (building.two += 1) }),
    ])
    expect(building.one + building.two).toBeLessThan(6)
    expect(read.ahead).toBeLessThan(6_000)
    const marks = await on.db
      .collection<{ _id: number; mark: number }>('tally_v2_partitions')
      .find()
      .toArray()
    expect(marks.reduce((sum, { mark }) => sum + mark, 0)).toBe(3_000)
  })
})

describe.each(bothLogs())('the same version on %s', (_, open) => {
  test('behind a crash under load waits for no tail: whoever decides does not let it grow so long', async () => {
    await using on = await stage(open)
    // By streams and by time none would be due.
    const options = { tailShort: 400n, snapshotEveryStreams: 100_000, snapshotEveryMs: 3_600_000 }
    await on.host(tally, options)
    const said = wishes(3_000, 'busy', 7)
    for (let at = 0; at < said.length; at += 300) {
      await on.wish(...said.slice(at, at + 300))
      await expect.poll(() => recorded(on), eventually).toBe(at + 300)
    }
    const claims = on.db.collection<{ _id: number; mark: number }>('tally_v1_partitions')
    const tails = async () =>
      Promise.all(
        (await claims.find().toArray()).map(
          async ({ _id, mark }) => Number(await on.log.endOffset(on.topics.events, _id)) - mark,
        ),
      )
    let more = 0
    await expect
      .poll(async () => {
        // One that was written when the last ones came is followed by the next one at the next command.
        await on.wish(...wishes(7, `more${(more += 1)}-`, 7))
        return Math.max(...(await tails()))
      }, eventually)
      .toBeLessThanOrEqual(400)
    const ahead: number[] = []
    const beganAt = performance.now()
    // As after a kill: who decided until now says nothing any more, and its marks are of a moment ago.
    await buildAhead({
      ...HOST_UNTOLD,
      ...options,
      log: on.log,
      topics: on.topics,
      group: 'unused',
      db: on.db,
      decider: tally,
      policy: undefined,
      onBuildingAhead: ({ partition }) => void ahead.push(partition),
    })
    expect(performance.now() - beganAt).toBeLessThan(5_000)
    expect(ahead).toEqual([])
  })
})
