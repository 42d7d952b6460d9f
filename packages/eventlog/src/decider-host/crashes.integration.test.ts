import { deterministicId, readCommand, decideOn, emptyStream } from '@parley/kernel'
import { type Tally, add, block, tallies, tally, unblock } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { LogUnavailable } from '../errors.ts'
import type { EventLog, LogRecord, StoredPosition, StoredRecord } from '../log.ts'
import { bothLogs } from '../logs.fixture.ts'
import { memoryLog } from '../memory.ts'
import { type Wish, eventually, folded, stage } from './host.fixture.ts'

const ALL = 5_000
const stream = 'contact-1'

/** One batch of one stream. Of each ten, two are decisions of two events, and some change nothing. */
const said: readonly Wish[] = Array.from({ length: ALL }, (_, at): Wish => {
  const id = `w${at}`
  switch (at % 10) {
    case 3:
    case 8:
      return { id, stream, payload: add(id, { twice: true }) }
    case 4:
      return { id, stream, payload: unblock }
    case 5:
      return { id, stream, payload: at % 100 === 95 ? block : unblock }
    case 6:
      return { id, stream, payload: unblock }
    default:
      return { id, stream, payload: add(id) }
  }
})

/** What is stored or lost together: the records of one decision. */
function runsOf(records: readonly LogRecord[]): LogRecord[][] {
  const runs: LogRecord[][] = []
  for (const record of records)
    if (record.withPrevious === true) runs.at(-1)!.push(record)
    else runs.push([record])
  return runs
}

class Crash extends Error {}

type Step = (
  append: (records: readonly LogRecord[]) => Promise<readonly StoredPosition[]>,
  records: readonly LogRecord[],
) => Promise<readonly StoredPosition[]>

/** The process dies in its nth append of events, as `step` says. Nothing that it does later reaches the log. */
function dyingAt(log: EventLog, topic: string, nth: number, step: Step) {
  let appends = 0
  let isDead = false
  const dying: EventLog = {
    ...log,
    async append(to, records) {
      if (isDead) throw new Crash()
      if (to !== topic || (appends += 1) !== nth) return log.append(to, records)
      isDead = true
      return step((some) => log.append(to, some), records)
    },
  }
  return { log: dying, isDead: () => isDead }
}

const crashes: Record<string, Step> = {
  'before an append': async () => {
    throw new Crash()
  },
  'between two record batches of an append': async (append, records) => {
    await append(
      runsOf(records)
        .slice(0, Math.floor(runsOf(records).length / 3))
        .flat(),
    )
    throw new Crash()
  },
  'before the last record batch of an append': async (append, records) => {
    await append(runsOf(records).slice(0, -1).flat())
    throw new Crash()
  },
  'after an append, before its answer': async (append, records) => {
    await append(records)
    throw new LogUnavailable('The process died before it learnt that its events are stored.')
  },
}

const places = Object.entries(crashes).flatMap(([name, step]) =>
  [1, 2, 3].map((nth) => ({ name, step, nth })),
)

const recordsOf = async (log: EventLog, topic: string): Promise<readonly StoredRecord[]> =>
  log.read(topic, 0, 0n, await log.endOffset(topic, 0))

/** The commands decided once, one after the other. */
function decidedOnce(commands: readonly StoredRecord[]): Buffer[] {
  let state = emptyStream<Tally>(tally, stream)
  return commands.flatMap(({ value, timestamp, offset }) => {
    const decided = decideOn(tally, readCommand(value, timestamp, offset), state, undefined)
    state = decided.stream
    return decided.events.map(({ raw }) => Buffer.from(raw))
  })
}

const open = async () => memoryLog({ partitions: 1, batchRecordsMax: ALL })

describe.each(bothLogs(open, 1))('on %s', (_, openLog, rewind) => {
  async function begun() {
    const on = await stage(openLog)
    const group = `${on.namespace}.routing`
    return {
      ...on,
      group,
      committed: async () => (await on.log.groupOffsets(group, on.topics.commands)).get(0),
      values: async () => (await recordsOf(on.log, on.topics.events)).map(({ value }) => Buffer.from(value)),
      truth: async () => decidedOnce(await recordsOf(on.log, on.topics.commands)),
    }
  }

  describe('a batch of 5,000 commands of one stream, those that change nothing among them', () => {
    test.each(places)('a crash $name ($nth): as if decided once', async ({ step, nth }) => {
      await using on = await begun()
      await on.wish(...said)
      const { log, isDead } = dyingAt(on.log, on.topics.events, nth, step)
      const first = await on.host(tally, { log })
      await expect.poll(isDead, eventually).toBe(true)
      await first.stop()
      await on.host(tally)
      await expect.poll(on.committed, eventually).toBe(5_000n)
      expect(await on.values()).toEqual(await on.truth())
    })

    test.each([0n, 1n, 2_500n, 4_999n])(
      'a crash after all were appended, with the group at %s: nothing more is written',
      async (committed) => {
        await using on = await begun()
        await on.wish(...said)
        const first = await on.host(tally)
        await expect.poll(on.committed, eventually).toBe(5_000n)
        await first.stop()
        await rewind(on.log, on.group, on.topics.commands, committed)
        expect(await on.committed()).toBe(committed)
        await on.host(tally)
        await expect.poll(on.committed, eventually).toBe(5_000n)
        expect(await on.values()).toEqual(await on.truth())
      },
    )

    test('all events of one command are one record batch', async () => {
      await using on = await begun()
      await on.wish(...said)
      const runs: LogRecord[][] = []
      await on.host(tally, {
        log: {
          ...on.log,
          append(to, records) {
            if (to === on.topics.events) runs.push(...runsOf(records))
            return on.log.append(to, records)
          },
        },
      })
      await expect.poll(on.committed, eventually).toBe(5_000n)
      const decisions = new Map<string, number>()
      for (const { envelope } of folded(await recordsOf(on.log, on.topics.events)).accepted)
        decisions.set(envelope.causationId, (decisions.get(envelope.causationId) ?? 0) + 1)
      expect(runs.map((run) => run.length)).toEqual([...decisions.values()])
      expect(Math.max(...decisions.values())).toBe(2)
    })
  })

  test('a block after an unblock that changed nothing stays, when both come again', async () => {
    await using on = await begun()
    const both: Wish[] = [
      { id: 'unblock', stream, payload: unblock },
      { id: 'block', stream, payload: block },
    ]
    await on.wish(...both)
    const { log, isDead } = dyingAt(
      on.log,
      on.topics.events,
      1,
      crashes['after an append, before its answer']!,
    )
    const first = await on.host(tally, { log })
    await expect.poll(isDead, eventually).toBe(true)
    await first.stop()
    await on.host(tally)
    await expect.poll(on.committed, eventually).toBe(2n)
    const { streams, accepted } = folded(await recordsOf(on.log, on.topics.events))
    expect(streams.get(stream)!.state.isBlocked).toBe(true)
    expect(accepted.map(({ envelope }) => envelope.causationId)).toEqual([deterministicId('wish', 'block')])
    expect(tallies.readEvent(accepted[0]!.envelope).type).toBe('Blocked')
  })
})

test('a snapshot that fails fails no batch that is in the log, and the next one writes all of it', async () => {
  await using on = await stage(open)
  let isBroken = true
  const failures: unknown[] = []
  const batches = { taken: 0, rejected: 0 }
  const db = new Proxy(on.db, {
    get: (target, name) =>
      name === 'collection'
        ? (...args: [string]) =>
            new Proxy(target.collection(...args), {
              get(collection, method) {
                if (method === 'bulkWrite' && isBroken)
                  return () => Promise.reject(new Error('The store is away.'))
                const value: unknown = Reflect.get(collection, method)
                return typeof value === 'function' ? value.bind(collection) : value
              },
            })
        : Reflect.get(target, name),
  })
  const host = await on.host(tally, {
    db,
    snapshotEveryStreams: 1,
    onSnapshotFailed: (error) => void failures.push(error),
    log: {
      ...on.log,
      subscribe: (options) =>
        on.log.subscribe({
          ...options,
          onBatch: (batch) =>
            options.onBatch(batch).then(
              () => void (batches.taken += 1),
              (error: unknown) => {
                batches.rejected += 1
                throw error
              },
            ),
        }),
    },
  })
  for (let at = 0; at < 5; at += 1) {
    await on.wish({ id: `w${at}`, stream: `contact-${at}` })
    await expect.poll(() => failures.length, eventually).toBeGreaterThan(at)
  }
  isBroken = false
  await on.wish({ id: 'last', stream: 'contact-9' })
  const snapshots = on.db.collection<{ _id: string; head: { version: number } }>('tally_v1_snapshots')
  await expect.poll(() => snapshots.countDocuments({}), eventually).toBe(6)
  expect(batches).toEqual({ taken: 6, rejected: 0 })
  await host.stop()
  const [claim] = await on.db
    .collection<{ _id: number; mark: number; epoch: number }>('tally_v1_partitions')
    .find()
    .toArray()
  expect(claim).toMatchObject({ mark: 6, epoch: 1 })
})
