import { randomUUID } from 'node:crypto'
import type { RecordedEvent } from '@parley/kernel'
import { sha256 } from '@parley/kernel'
import { Chain, type TallyEvent, measuring, tallies } from '@parley/testkit'
import { describe, expect, test, vi } from 'vitest'
import { eventRecord } from '../commands.ts'
import { memoryLog } from '../memory.ts'
import { partitionOf } from '../partitioning.ts'
import { topicsOf } from '../topics.ts'
import { type Follower, type FollowerOptions, runFollower } from './follower.ts'
import type { StuckReader } from './reader.ts'

const within = { timeout: 20_000, interval: 5 }

function stage() {
  const log = memoryLog({ partitions: 2, batchRecordsMax: 5 })
  const topics = topicsOf(`follower-${randomUUID()}`, tallies)
  const followers: Follower[] = []
  const faults: Error[] = []
  const stuckAt: StuckReader[] = []
  return {
    log,
    topics,
    faults,
    stuckAt,
    say: (events: readonly RecordedEvent[]) => log.append(topics.events, events.map(eventRecord)),
    async follow(
      seen: string[],
      options: Partial<FollowerOptions<TallyEvent, 'Added'>> = {},
    ): Promise<Follower> {
      const follower = await runFollower<TallyEvent, 'Added'>({
        name: 'watching',
        log,
        topics,
        types: ['Added'],
        onEvents: (events) => void seen.push(...events.map(({ data }) => data.id)),
        onStuck: (stuck) => void stuckAt.push(stuck),
        onFault: (error) => void faults.push(error),
        ...options,
      })
      followers.push(follower)
      return follower
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(followers.map((follower) => follower.stop()))
      await log.close()
    },
  }
}

const adding = (chain: Chain<TallyEvent>, ...ids: readonly string[]) =>
  ids.map((id) => chain.add({ type: 'Added', data: { id } }))
/** Another stream of the same partition as `stream-1`. */
const BESIDE = (() => {
  for (let nth = 2; ; nth += 1)
    if (partitionOf(`stream-${nth}`, 2) === partitionOf('stream-1', 2)) return `stream-${nth}`
})()
const chainOf = (streamId: string, continues?: Chain<TallyEvent>) =>
  new Chain(tallies, streamId, { continues: continues?.head })

describe('a follower', () => {
  test('that follows from the end sees what comes from then on, of streams that began long ago, too', async () => {
    await using on = stage()
    const chain = chainOf('stream-1')
    await on.say(adding(chain, 'a', 'b'))
    const seen: string[] = []
    await on.follow(seen)
    await on.say([...adding(chain, 'c'), chain.add({ type: 'Blocked' }), ...adding(chain, 'd')])
    await expect.poll(() => seen, within).toEqual(['c', 'd'])
  })

  test('that goes on from the positions of another sees exactly what was missed, once and in order', async () => {
    await using on = stage()
    const chains = [chainOf('stream-1'), chainOf('stream-2'), chainOf('stream-3')]
    await on.say(chains.flatMap((chain, at) => adding(chain, `${at}.a`)))
    const before: string[] = []
    const first = await on.follow(before, {
      from: new Map([
        [0, 0n],
        [1, 0n],
      ]),
    })
    await expect.poll(() => before.length, within).toBe(3)
    const positions = new Map(first.positions())
    await first.stop()
    const missed = chains.flatMap((chain, at) => adding(chain, `${at}.b`, `${at}.c`))
    await on.say(missed)
    const after: string[] = []
    await on.follow(after, { from: positions })
    await on.say(chains.flatMap((chain, at) => adding(chain, `${at}.d`)))
    await expect.poll(() => after.length, within).toBe(9)
    for (const at of [0, 1, 2])
      expect(after.filter((id) => id.startsWith(`${at}.`))).toEqual([`${at}.b`, `${at}.c`, `${at}.d`])
  })

  test('that goes on from the positions of one that saw nothing yet misses nothing either', async () => {
    await using on = stage()
    const chain = chainOf('stream-1')
    await on.say(adding(chain, 'a'))
    const first = await on.follow([])
    await first.stop()
    await on.say(adding(chain, 'b'))
    const seen: string[] = []
    await on.follow(seen, { from: first.positions() })
    await expect.poll(() => seen, within).toEqual(['b'])
  })

  test('is told when what it missed is no longer in the log, and when its position is of another log', async () => {
    await using on = stage()
    const chain = chainOf('stream-1')
    const partition = await on.log.partitionOf('stream-1', on.topics.events)
    await on.say(adding(chain, 'a', 'b', 'c'))
    on.log.trim(on.topics.events, partition, 2n)
    await expect(on.follow([], { from: new Map([[partition, 1n]]) })).rejects.toMatchObject({
      code: 'POSITION_TOO_OLD',
    })
    await expect(on.follow([], { from: new Map([[partition, 99n]]) })).rejects.toMatchObject({
      code: 'LOG_GAP',
    })
  })

  test('takes of two records with one version the first, and no repeat', async () => {
    await using on = stage()
    const winner = chainOf('stream-1')
    const [one] = adding(winner, 'a')
    const zombie = chainOf('stream-1', winner)
    const [two, three] = adding(winner, 'b', 'c')
    const lost = adding(zombie, 'zombie', 'zombie again')
    const seen: string[] = []
    await on.follow(seen)
    await on.say([one!, two!, lost[0]!, one!, lost[1]!, three!, two!, ...adding(winner, 'd')])
    await expect.poll(() => seen, within).toEqual(['a', 'b', 'c', 'd'])
  })

  test('that met a stream in the middle, and there what had lost before, follows what is newer all the same', async () => {
    await using on = stage()
    const winner = chainOf('stream-1')
    await on.say(adding(winner, 'a'))
    const zombie = chainOf('stream-1', winner)
    await on.say(adding(winner, 'b'))
    const seen: string[] = []
    await on.follow(seen)
    await on.say([...adding(zombie, 'zombie'), ...adding(winner, 'c', 'd', 'e')])
    await expect.poll(() => seen.at(-1), within).toBe('e')
    expect(seen.filter((id) => id.length === 1)).toEqual(['c', 'd', 'e'])
  })

  test('gets again what its handler rejected', async () => {
    await using on = stage()
    const seen: string[] = []
    let failures = 2
    await on.follow(seen, {
      onEvents(events) {
        if ((failures -= 1) >= 0) throw new Error('Not now.')
        seen.push(...events.map(({ data }) => data.id))
      },
    })
    await on.say(adding(chainOf('stream-1'), 'a', 'b'))
    await expect.poll(() => seen, within).toEqual(['a', 'b'])
  })

  test('says of nothing that was not handed over that another one need not see it', async () => {
    await using on = stage()
    const gate = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const follower = await on.follow([], {
      onEvents: () => (asked.resolve(), gate.promise),
    })
    const partition = await on.log.partitionOf('stream-1', on.topics.events)
    await on.say(adding(chainOf('stream-1'), 'a'))
    await asked.promise
    expect(follower.positions().get(partition)).toBe(0n)
    gate.resolve()
    await expect.poll(() => follower.positions().get(partition), within).toBe(1n)
  })

  test('whose handler rejects for ever says so, shows where it stands still, and measures it', async () => {
    const samplesOf = measuring()
    await using on = stage()
    const seen: string[] = []
    const follower = await on.follow(seen, {
      onEvents(events) {
        if (events.some(({ data }) => data.id === 'bad')) throw new Error('Never.')
        seen.push(...events.map(({ data }) => data.id))
      },
    })
    const partition = await on.log.partitionOf('stream-1', on.topics.events)
    await on.say([...adding(chainOf(BESIDE), 'a', 'b'), ...adding(chainOf('stream-1'), 'bad')])
    const streamId = 'stream-1'
    await expect.poll(() => on.stuckAt, within).toMatchObject([{ partition, attempts: 5, streamId }])
    expect(follower.stuck()).toMatchObject([{ partition, streamId }])
    expect(seen, 'those before it were told, once').toEqual(['a', 'b'])
    expect(await samplesOf('parley_reader_stuck')).toEqual({ 'parley_reader="watching"': 1 })
    expect(await samplesOf('parley_reader_lag_records')).toMatchObject({
      [`parley_reader="watching",parley_partition="${partition}"`]: 3,
    })
  })

  test('goes on behind bytes that nobody can read, whether they were of the stream or not', async () => {
    await using on = stage()
    const seen: string[] = []
    await on.follow(seen, {})
    const chain = chainOf('stream-1')
    const [a, b, c] = adding(chain, 'a', 'b', 'c')
    const lost = Buffer.from('no event at all')
    await on.say([a!])
    await on.log.append(on.topics.events, [{ key: 'stream-1', value: Buffer.from('of another') }])
    await on.say([b!])
    await on.log.append(on.topics.events, [{ key: 'stream-1', value: lost }])
    const head = { version: 3, hash: sha256(lost), offset: 3n, superseded: [] }
    await on.say(adding(new Chain(tallies, 'stream-1', { continues: head }), 'd'))
    await expect.poll(() => seen, within).toEqual(['a', 'b', 'd'])
    await on.say([c!])
    await on.say(adding(chainOf('stream-2'), 'last'))
    await expect.poll(() => seen, within).toEqual(['a', 'b', 'd', 'last'])
    expect(on.faults).toEqual([])
  })

  test('goes on behind bytes that nobody can read, and stops at a gap', async () => {
    await using on = stage()
    const seen: string[] = []
    const unreadable = vi.fn<(record: object, error: unknown) => void>()
    await on.follow(seen, { onUnreadable: unreadable })
    await on.log.append(on.topics.events, [{ key: 'stream-1', value: Buffer.from('no event at all') }])
    const events = adding(chainOf('stream-1'), 'a', 'b', 'c')
    await on.say([events[0]!, events[2]!])
    await expect.poll(() => on.faults[0]?.message, within).toContain('version 3, where 2 was expected')
    expect(unreadable).toHaveBeenCalledOnce()
    expect(seen).toEqual([])
  })
})
