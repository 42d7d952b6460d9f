import { readEvent, recordedEvent } from '@parley/kernel'
import { CommandEnvelope, DeadLetter } from '@parley/proto/envelope'
import { Chain, block, repeat, tallies, tally } from '@parley/testkit'
import { describe, expect, test } from 'vitest'
import { appendCommands, eventRecord } from '../commands.ts'
import { LogGap, LogUnavailable, MembershipLost } from '../errors.ts'
import type { LogRecord, RecordBatch } from '../log.ts'
import { bothLogs, inMemory, partitions } from '../logs.fixture.ts'
import { memoryLog } from '../memory.ts'
import { partitionOf } from '../partitioning.ts'
import type { StuckReader } from '../reader/reader.ts'
import { watchedDb } from '../reader/watched-db.fixture.ts'
import type { DeciderHost } from './host.ts'
import {
  type TallyDecider,
  type Wish,
  commandOf,
  eventually,
  everything,
  expectOnceInOrder,
  expectSnapshotsTrue,
  folded,
  messagesOf,
  stage,
  tampered,
  wishes,
} from './host.fixture.ts'

/** Of an older release: what it decides is a fork of the same streams and not the same bytes. */
const older: TallyDecider = {
  ...tally,
  decide(wish, state, policy) {
    const decision = tally.decide(wish, { ...state, count: state.count + 1_000 }, policy)
    return 'refused' in decision ? decision : { events: decision.events }
  },
}

/** Has a bug: cannot decide the wish `bug`. */
const fragile: TallyDecider = {
  ...tally,
  decide(wish, state, policy) {
    if (wish.type === 'Add' && wish.data.id === 'bug') throw new TypeError('A bug.')
    return tally.decide(wish, state, policy)
  },
}

describe.each(bothLogs())('a decider host on %s', (_, open) => {
  test('decides each command once, in the order of its stream, in the partition of its key', async () => {
    await using on = await stage(open)
    const said = wishes(200)
    await on.wish(...said.slice(0, 100))
    await on.host(tally)
    await on.wish(...said.slice(100))
    await on.wish(...said.slice(50, 150))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(200)
    const records = await on.events()
    expectOnceInOrder(records, said)
    expect(records.length).toBe(200)
    for (const { key, partition, headers, value } of records) {
      expect(partition).toBe(await on.log.partitionOf(key, on.topics.commands))
      expect(headers).toMatchObject({ ce_type: 'Added', ce_id: readEvent(value).envelope.eventId })
    }
    expect(on.faults).toEqual([])
  })

  test('a refusal is an event', async () => {
    await using on = await stage(open)
    await on.host(tally)
    await on.wish({ id: 'b', stream: 'contact-1', payload: block }, { id: 'm', stream: 'contact-1' })
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(2)
    expect(tallies.readEvent(folded(await on.events()).accepted[1]!.envelope)).toMatchObject({
      type: 'CommandRefused',
      data: { code: 'TALLY_BLOCKED', commandType: 'Add' },
    })
  })

  test('a crash between append and commit: the commands come again and change nothing', async () => {
    await using on = await stage(open)
    const said = wishes(40)
    let isDead = false
    const dying = tampered(on.log, on.topics.events, async (append) => {
      if (!isDead) await append()
      isDead = true
      throw new Error('The process died before it learnt that its events are stored.')
    })
    const first = await on.host(tally, { log: dying })
    await on.wish(...said)
    await expect.poll(() => isDead, eventually).toBe(true)
    await first.stop()
    await on.host(tally)
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(40)
    const records = await on.events()
    expectOnceInOrder(records, said)
    // The one that came after read the log before it decided: it did not even write them twice.
    expect(records.length).toBe(40)
  })

  test('an append whose answer is lost is stored once: before it decides again, the host reads the log', async () => {
    await using on = await stage(open)
    const said = wishes(65)
    let calls = 0
    const deaf = tampered(on.log, on.topics.events, async (append) => {
      const positions = await append()
      if ((calls += 1) % 2 === 1 && calls < 8) throw new LogUnavailable('The answer was lost.')
      return positions
    })
    await on.host(tally, { log: deaf })
    for (let at = 0; at < 60; at += 10) await on.wish(...said.slice(at, at + 10))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(60)
    // One of each stream: what came again was decided before it.
    await on.wish(...said.slice(60))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(65)
    const records = await on.events()
    expectOnceInOrder(records, said)
    expect(records.length).toBe(65)
  })

  test('two writers that both believe to own everything: all readers agree, and each wish takes effect once', async () => {
    await using on = await stage(open)
    const said = wishes(300)
    const often = { snapshotEveryStreams: 2, snapshotEveryMs: 20 }
    await Promise.all([
      on.host(tally, { group: `${on.namespace}.one`, ...often }),
      on.host(tally, { group: `${on.namespace}.two`, ...often }),
    ])
    for (let at = 0; at < said.length; at += 20) await on.wish(...said.slice(at, at + 20))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(300)
    expectOnceInOrder(await on.events(), said)
  })

  test('a zombie that wakes after its epoch passed does no harm: its fork is superseded, its snapshots are refused', async () => {
    await using on = await stage(open)
    const gate = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    const sleepy = tampered(on.log, on.topics.events, async (append) => {
      asleep.resolve()
      await gate.promise
      return append()
    })
    const zombie = await on.host(older, {
      log: sleepy,
      group: `${on.namespace}.zombie`,
      snapshotEveryStreams: 1,
    })
    const early = wishes(5, 'early')
    await on.wish(...early)
    await asleep.promise
    const live = await on.host(tally)
    const said = [...early, ...wishes(50)]
    await on.wish(...wishes(50))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(55)
    gate.resolve()
    // It wakes, appends its fork, and finds that others wrote before it: all that it wanted to decide is decided.
    await expect.poll(async () => (await on.events()).length, eventually).toBeGreaterThan(55)
    await on.wish(...wishes(20, 'more'))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(75)
    await Promise.all([zombie.stop(), live.stop()])

    // Whoever starts anew, from whatever snapshots were written, goes on from the same state.
    await on.host(tally)
    await on.wish(...wishes(5, 'after'))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(80)
    expectOnceInOrder(await on.events(), [...said, ...wishes(20, 'more'), ...wishes(5, 'after')])
    await expectSnapshotsTrue(on.db, await on.events())
  })

  test('streams that left memory come back from their snapshot, and a restart goes on from snapshot and tail', async () => {
    await using on = await stage(open)
    const said = wishes(400, 'w', 60)
    const small = { cachedStreamsMax: 3, snapshotEveryStreams: 5, snapshotEveryMs: 10 }
    const first = await on.host(tally, small)
    for (let at = 0; at < 200; at += 25) await on.wish(...said.slice(at, at + 25))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(200)
    await first.stop()
    await expectSnapshotsTrue(on.db, await on.events())
    await on.host(tally, small)
    for (let at = 200; at < 400; at += 25) await on.wish(...said.slice(at, at + 25))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(400)
    expectOnceInOrder(await on.events(), said)
    expect((await on.events()).length).toBe(400)
  })

  test('however many partitions a host has, they keep no more streams in memory together', async () => {
    await using on = await stage(open)
    const host = await on.host(tally, { cachedStreamsMax: 6, snapshotEveryMs: 10 })
    const said = wishes(120, 'w', 60)
    await on.wish(...said)
    await expect.poll(async () => (await on.events()).length, eventually).toBe(120)
    // A partition lets go of streams when it has decided something: of each, one more stream than that of its policies.
    const ofEach = [0, 1, 2].map((partition) =>
      said.find(({ stream }) => partitionOf(stream, partitions) === partition)!,
    )
    const inMemory = () => host.partitions().reduce((sum, { cachedStreams }) => sum + cachedStreams, 0)
    let round = 0
    await expect
      .poll(async () => {
        round += 1
        await on.wish(...ofEach.map(({ stream }) => ({ id: `${stream} again ${round}`, stream })))
        return inMemory()
      }, eventually)
      .toBe(6)
  })

  test('a decider of a new version folds all events anew and goes on in the same streams', async () => {
    await using on = await stage(open)
    const said = wishes(30)
    const first = await on.host(tally)
    await on.wish(...said.slice(0, 20))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(20)
    await first.stop()
    await on.host({ ...tally, version: 2 })
    await on.wish(...said.slice(10))
    await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(30)
    expectOnceInOrder(await on.events(), said)
  })

  test('what cannot be read or decided goes whole to the dead letters, and holds up nobody', async () => {
    await using on = await stage(open)
    await on.host(fragile)
    const garbage = Buffer.from('no command')
    const elsewhere = CommandEnvelope.encode(
      tallies.commandEnvelope(commandOf({ id: 'under another key', stream: 'contact-1' })),
    ).finish()
    await on.log.append(on.topics.commands, [{ key: 'contact-1', value: garbage }])
    await on.log.append(on.topics.commands, [{ key: 'contact-2', value: elsewhere }])
    await on.wish(
      { id: 'before', stream: 'contact-1' },
      { id: 'bug', stream: 'contact-1' },
      { id: 'after', stream: 'contact-1' },
    )
    await expect
      .poll(async () => messagesOf(folded(await on.events()).accepted), eventually)
      .toEqual(['contact-1 before', 'contact-1 after'])
    await expect
      .poll(async () => (await everything(on.log, on.topics.deadLetters)).length, eventually)
      .toBe(3)
    const letters = (await everything(on.log, on.topics.deadLetters)).map(({ value }) =>
      DeadLetter.decode(value),
    )
    expect(letters.map(({ code }) => code).toSorted()).toEqual([
      'DECISION_FAILED',
      'UNREADABLE_COMMAND',
      'UNREADABLE_COMMAND',
    ])
    expect(letters.find(({ value }) => value.equals(garbage))).toMatchObject({
      code: 'UNREADABLE_COMMAND',
      source: on.topics.commands,
      offset: 0n,
    })
    expect(letters.find(({ value }) => value.equals(elsewhere))).toMatchObject({ code: 'UNREADABLE_COMMAND' })
  })

  test('what somebody put into the commands by hand goes whole to the dead letters, each record once, and holds up nobody', async () => {
    await using on = await stage(open)
    await on.host(tally)
    const envelope = tallies.commandEnvelope(commandOf({ id: 'by hand', stream: 'contact-1' }))
    const written = (changed: Partial<typeof envelope>) =>
      CommandEnvelope.encode({ ...envelope, ...changed }).finish()
    const byHand = [
      { key: 'contact-1', value: Buffer.alloc(0) },
      { key: '', value: written({}) },
      { key: 'contact-1', value: written({ type: 'Unheard' }) },
      { key: 'contact-1', value: written({ schemaVersion: 9 }) },
      { key: 'contact-1', value: written({ commandId: '' }) },
      { key: 'contact-1', value: written({ payload: Buffer.from('no payload') }) },
    ]
    await on.log.append(on.topics.commands, byHand)
    await on.wish({ id: 'after', stream: 'contact-1' })
    const letters = async () =>
      (await everything(on.log, on.topics.deadLetters)).map(({ value }) => DeadLetter.decode(value))
    await expect.poll(async () => (await letters()).length, eventually).toBe(byHand.length)
    expect((await letters()).map(({ value }) => value.toString('hex')).toSorted()).toEqual(
      byHand.map(({ value }) => Buffer.from(value).toString('hex')).toSorted(),
    )
    expect(new Set((await letters()).map(({ code }) => code))).toEqual(new Set(['UNREADABLE_COMMAND']))
    expect(messagesOf(folded(await on.events()).accepted)).toEqual(['contact-1 after'])
  })

  test('a command whose decision is larger than the log takes goes to the dead letters, and holds up nobody', async () => {
    await using on = await stage(open)
    const room = 'x'.repeat(3_000_000)
    const verbose: TallyDecider = {
      ...tally,
      decide(wish, state, policy) {
        const decision = tally.decide(wish, state, policy)
        if ('refused' in decision || wish.type !== 'Add' || !wish.data.id.startsWith('large')) return decision
        const parts = wish.data.id === 'large and fits' ? 2 : 3
        return {
          events: Array.from({ length: parts }, (_each, at) =>
            tallies.event('Added', { id: `${at}${room}`, count: at }),
          ),
        }
      },
    }
    await on.wish(
      { id: 'before', stream: 'contact-1' },
      { id: 'large', stream: 'contact-1' },
      { id: 'after', stream: 'contact-1' },
      { id: 'large and fits', stream: 'contact-1' },
      { id: 'last', stream: 'contact-1' },
    )
    await on.host(verbose)
    await expect
      .poll(
        async () => messagesOf(folded(await on.events()).accepted).map((one) => one.slice(0, 20)),
        eventually,
      )
      .toEqual(
        ['before', 'after', '0xxxxxxxxx', '1xxxxxxxxx', 'last'].map((id) => `contact-1 ${id}`.slice(0, 20)),
      )
    const [letter, ...more] = (await everything(on.log, on.topics.deadLetters)).map(({ value }) =>
      DeadLetter.decode(value),
    )
    expect(more).toEqual([])
    expect(letter).toMatchObject({
      code: 'DECISION_FAILED',
      reason: expect.stringContaining('A run of 3 records') as string,
    })
    expect(tallies.readCommand(CommandEnvelope.decode(letter!.value))).toMatchObject({
      data: { id: 'large' },
    })
  })
})

test('what a zombie wrote first counts: the owner folds it, and nothing is lost of what it decides from then on', async () => {
  await using on = await stage(inMemory)
  const [asleep, gate, isWritten] = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const zombie = await on.host(older, {
    group: `${on.namespace}.zombie`,
    log: tampered(on.log, on.topics.events, async (append) => {
      asleep!.resolve()
      await gate!.promise
      const positions = await append()
      isWritten!.resolve()
      return positions
    }),
  })
  const early = wishes(5, 'early', 1)
  await on.wish(...early)
  await asleep!.promise
  // The owner has read the log and decided; between that and its append the zombie wakes.
  await on.host(tally, {
    log: tampered(on.log, on.topics.events, async (append) => {
      gate!.resolve()
      await isWritten!.promise
      return append()
    }),
  })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(10)
  await zombie.stop()
  const later = wishes(5, 'later', 1)
  await on.wish(...later)
  await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(10)
  expectOnceInOrder(await on.events(), [...early, ...later])
})

test.each([
  { title: 'beside others that were decided', count: 5 },
  { title: 'alone', count: 1 },
])(
  'what cannot be decided on a state that a zombie has overtaken is decided anew, and no dead letter: $title',
  async ({ count }) => {
    await using on = await stage(inMemory)
    const [asleep, gate, isWritten] = [1, 2, 3].map(() => Promise.withResolvers<void>())
    const early = wishes(count, 'early', 1)
    const zombie = await on.host(older, {
      group: `${on.namespace}.zombie`,
      log: tampered(on.log, on.topics.events, async (append) => {
        asleep!.resolve()
        await gate!.promise
        const positions = await append()
        isWritten!.resolve()
        return positions
      }),
    })
    await on.wish(...early)
    await asleep!.promise
    let isDecided = false
    const overtaken: TallyDecider = {
      ...tally,
      decide(wish, state, policy) {
        if (wish.type !== 'Add' || wish.data.id !== early.at(-1)!.id) return tally.decide(wish, state, policy)
        isDecided = true
        // Between that and the append the zombie wakes.
        gate!.resolve()
        throw new TypeError('A bug that the zombie has not.')
      },
    }
    const owner = await on.host(overtaken, {
      log: {
        ...on.log,
        async append(topic, records) {
          await isWritten!.promise
          return on.log.append(topic, records)
        },
        async endOffset(topic, partition) {
          if (isDecided) await isWritten!.promise
          return on.log.endOffset(topic, partition)
        },
      },
    })
    await expect.poll(() => owner.lag().map(({ records }) => records), eventually).toEqual([0n, 0n, 0n])
    expect((await everything(on.log, on.topics.deadLetters)).length).toBe(0)
    await zombie.stop()
    expectOnceInOrder(await on.events(), early)
  },
)

test('a stream comes back from its snapshot with the ids of its wishes, and with the words that it may say again', async () => {
  await using on = await stage(inMemory)
  const first = await on.host(tally)
  await on.wish({ id: 'a', stream: 'contact-1' })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
  await first.stop()
  await on.host(tally)
  await on.wish({ id: 'a', stream: 'contact-1' }, { id: 'r', stream: 'contact-1', payload: repeat })
  const accepted = async () => folded(await on.events()).accepted.map(({ envelope }) => envelope)
  await expect
    .poll(async () => (await accepted()).map(({ type }) => type), eventually)
    .toEqual(['Added', 'Repeated'])
  expect((await accepted())[1]!.content.map(({ value }) => String(value))).toEqual(['a'])
})

test('a log that lost what its snapshots know, or was made anew beside an old database, is a fault', async () => {
  await using on = await stage(inMemory)
  const first = await on.host(tally)
  await on.wish({ id: 'a', stream: 'contact-1' })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
  await first.stop()
  const anew = memoryLog({ partitions })
  const host = await on.host(tally, { log: anew })
  await appendCommands(anew, on.topics, [commandOf({ id: 'b', stream: 'contact-1' })])
  await expect.poll(() => on.faults.length, eventually).toBeGreaterThan(0)
  expect(on.faults[0]).toBeInstanceOf(LogGap)
  expect(anew.records(on.topics.events)).toEqual([])
  await host.stop()
  await anew.close()
})

test('a log that lost its tail while its writer lives is a fault, and holds nobody up without a word', async () => {
  await using on = await stage(inMemory)
  let hasLostItsTail = false
  const host = await on.host(fragile, {
    log: {
      ...on.log,
      endOffset: async (topic, partition) =>
        (await on.log.endOffset(topic, partition)) - (hasLostItsTail && topic === on.topics.events ? 1n : 0n),
    },
  })
  await on.wish({ id: 'a', stream: 'contact-1' })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
  hasLostItsTail = true
  await on.wish({ id: 'bug', stream: 'contact-1' })
  await expect.poll(() => on.faults.length, eventually).toBeGreaterThan(0)
  expect(on.faults[0]).toBeInstanceOf(LogGap)
  await host.stop()
})

describe('what somebody put into the events by hand', () => {
  const told = new Chain(tallies, 'contact-1').add({ type: 'Added', data: { id: 'told' } })
  const { envelope } = told
  const written = (changed: Partial<typeof envelope>) =>
    eventRecord(recordedEvent({ ...envelope, ...changed }))

  test.each([
    ['no event', { key: 'contact-1', value: Buffer.from('no event') }],
    ['nothing', { key: 'contact-1', value: Buffer.alloc(0) }],
    ['an event under no key', { ...eventRecord(told), key: '' }],
    ['an event under the key of another stream', { ...eventRecord(told), key: 'contact-2' }],
    ['a type that nobody knows', written({ type: 'Unheard' })],
    ['a version that nobody knows', written({ schemaVersion: 99 })],
  ])('%s: the decider ends and says so, and decides nothing on top of it', async (_, record) => {
    await using on = await stage(async () => memoryLog({ partitions: 1 }))
    await on.log.append(on.topics.events, [record])
    await on.host(tally)
    await expect.poll(() => on.faults, eventually).toMatchObject([{ code: 'UNREADABLE_RECORD' }])
    await on.wish({ id: 'a', stream: 'contact-1' })
    await expect.poll(() => on.faults.length, eventually).toBeGreaterThan(1)
    expect(on.log.records(on.topics.events).length).toBe(1)
    // Whoever is to look at it needs its place.
    expect(on.faults[0]!.message).toContain(`${on.topics.events}/0 at offset 0: `)
  })

  const nobodys: [string, LogRecord][] = [
    ['no event', { key: 'contact-1', value: Buffer.from('no event') }],
    ['nothing', { key: '', value: Buffer.alloc(0) }],
    ['an event under the key of another stream', { ...eventRecord(told), key: 'contact-2' }],
  ]
  test.each(nobodys)(
    '%s, which an operator said is to be left out, ends no decider: streams go on where they stood',
    async (_, record) => {
      await using on = await stage(async () => memoryLog({ partitions: 1 }))
      const accepted = () => {
        const events = on.log.records(on.topics.events).filter(({ offset }) => offset !== 1n)
        return messagesOf(folded(events).accepted)
      }
      const first = await on.host(tally)
      await on.wish({ id: 'a', stream: 'contact-1' })
      await expect.poll(accepted, eventually).toEqual(['contact-1 a'])
      await first.stop()
      await on.log.append(on.topics.events, [record])
      const second = await on.host(tally)
      await expect.poll(() => on.faults, eventually).toMatchObject([{ code: 'UNREADABLE_RECORD' }])
      await second.stop()
      await on.db
        .collection<{ _id: string; reason: string }>('tally_left_out')
        .insertOne({ _id: '0:1', reason: 'A test.' })
      on.faults.length = 0
      const third = await on.host(tally)
      await expect.poll(() => third.partitions().length, eventually).toBe(1)
      await third.stop()
      // By now it is in a snapshot, and the last record, which tells nothing of the last command.
      await on.host(tally)
      await on.wish({ id: 'b', stream: 'contact-1' })
      await expect.poll(accepted, eventually).toEqual(['contact-1 a', 'contact-1 b'])
      expect(on.faults).toEqual([])
    },
  )

  test('an event of a newer version is not left out, whatever an operator said: it is somebody’s', async () => {
    await using on = await stage(async () => memoryLog({ partitions: 1 }))
    await on.log.append(on.topics.events, [written({ type: 'Unheard' })])
    await on.db
      .collection<{ _id: string; reason: string }>('tally_left_out')
      .insertOne({ _id: '0:0', reason: 'A test.' })
    await on.host(tally)
    await expect.poll(() => on.faults, eventually).toMatchObject([{ code: 'UNREADABLE_RECORD' }])
  })
})

test('what the owner of before is asked and decides while the next one takes over is no gap in its commands: where they end is asked last', async () => {
  await using on = await stage(inMemory)
  await on.host(tally, { group: `${on.namespace}.before` })
  await on.wish({ id: 'a', stream: 'contact-1' })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
  const wished = await on.log.partitionOf('contact-1', on.topics.events)
  let decided: Promise<void> | undefined
  const decide = async () => {
    await on.wish({ id: 'b', stream: 'contact-1' })
    await expect.poll(async () => (await on.events()).length, eventually).toBe(2)
  }
  const next = await on.host(tally, {
    group: `${on.namespace}.next`,
    log: {
      ...on.log,
      async endOffset(topic, partition) {
        if (topic === on.topics.events && partition === wished) await (decided ??= decide())
        return on.log.endOffset(topic, partition)
      },
    },
  })
  await expect.poll(() => next.partitions().length, eventually).toBe(partitions)
  expect(decided).toBeDefined()
  expect(on.faults).toEqual([])
})

test.each(['with its tail folded anew', 'with a snapshot of all'])(
  'a commands topic that was made anew beside its events, %s, is a fault: its wishes would be taken for those that were decided there',
  async (how) => {
    await using on = await stage(inMemory)
    const first = await on.host(tally)
    await on.wish(...wishes(6, 'w', 1))
    await expect.poll(async () => (await on.events()).length, eventually).toBe(6)
    await first.stop()
    if (how === 'with its tail folded anew') await on.db.dropDatabase()
    const anew = memoryLog({ partitions })
    await anew.append(on.topics.events, await on.events())
    const host = await on.host(tally, { log: anew })
    await appendCommands(anew, on.topics, [commandOf({ id: 'new', stream: 'contact-0' })])
    await expect.poll(() => on.faults.length, eventually).toBeGreaterThan(0)
    expect(on.faults[0]).toMatchObject({
      code: 'LOG_GAP',
      message: expect.stringMatching(/commands\/\d goes on at offset [01], where 6 was expected/) as string,
    })
    await host.stop()
    await anew.close()
  },
)

test('a commands topic that was made anew and has grown past what was decided is a fault, too, until what is below that place is gone or filled', async () => {
  await using on = await stage(inMemory)
  const first = await on.host(tally)
  await on.wish(...wishes(3, 'w', 1))
  await expect.poll(async () => (await on.events()).length, eventually).toBe(3)
  await first.stop()
  const grown = async (records: readonly LogRecord[]) => {
    const anew = memoryLog({ partitions })
    await anew.append(on.topics.events, await on.events())
    await anew.append(on.topics.commands, records)
    await appendCommands(anew, on.topics, wishes(5, 'new', 1).map(commandOf))
    return anew
  }
  const overtaken = await grown([])
  const lost = await on.host(tally, { log: overtaken })
  await expect.poll(() => on.faults.length, eventually).toBeGreaterThan(0)
  expect(on.faults[0]).toMatchObject({
    code: 'LOG_GAP',
    message: expect.stringMatching(/commands\/\d goes on at offset 2, where 3 was expected/) as string,
  })
  expect(overtaken.records(on.topics.events).length).toBe(3)
  await lost.stop()
  on.faults.length = 0
  const filled = await grown(wishes(3).map(() => ({ key: 'contact-0', value: Buffer.alloc(0) })))
  const mended = await on.host(tally, { log: filled })
  await expect.poll(() => filled.records(on.topics.events).length, eventually).toBe(8)
  expect(on.faults).toEqual([])
  await mended.stop()
  await Promise.all([overtaken, filled].map((log) => log.close()))
})

test('a decider whose group Kafka forgot goes on behind what it decided, which retention took; what it never decided is a gap', async () => {
  await using on = await stage(inMemory)
  const said = wishes(6)
  const decided = async (...wished: readonly Wish[]) => {
    const host = await on.host(tally)
    await on.wish(...wished)
    await expect.poll(() => host.lag().map(({ records }) => records), eventually).toEqual([0n, 0n, 0n])
    await expect.poll(() => host.partitions().length, eventually).toBe(partitions)
    await host.stop()
  }
  const awayForMonths = async () => {
    on.log.forget(`${on.namespace}.routing`)
    for (const [partition, { end }] of (await on.log.offsets(on.topics.commands)).entries())
      on.log.trim(on.topics.commands, partition, end)
  }
  await decided(...said)
  // What was said before changes nothing, and is decided all the same.
  await decided(said[0]!)
  await awayForMonths()
  await decided({ id: 'later', stream: said[0]!.stream })
  expectOnceInOrder(await on.events(), [...said, { id: 'later', stream: said[0]!.stream }])
  expect(on.faults).toEqual([])
  await on.wish({ id: 'unheard', stream: said[0]!.stream })
  await awayForMonths()
  await on.host(tally)
  await expect.poll(() => on.faults, eventually).toMatchObject([{ code: 'LOG_GAP' }])
})

test('a batch of before a rebalance is refused, and its partition is not claimed for it', async () => {
  await using on = await stage(inMemory)
  let late: (() => Promise<void>) | undefined
  const host = await on.host(tally, {
    log: {
      ...on.log,
      subscribe: (options) =>
        on.log.subscribe({
          ...options,
          onBatch(batch) {
            late = () => options.onBatch({ ...batch, generation: batch.generation - 1, isOwned: () => false })
            return options.onBatch(batch)
          },
        }),
    },
  })
  await on.wish({ id: 'a', stream: 'contact-1' })
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
  await expect.poll(() => host.partitions().length, eventually).toBe(partitions)
  const claims = on.db.collection('tally_v1_partitions').find({}, { projection: { epoch: 1 } })
  const before = await claims.clone().toArray()
  await expect(late!()).rejects.toThrow(MembershipLost)
  expect(await claims.clone().toArray()).toEqual(before)
})

test('partitions that went to another host leave memory and the list at once, and a batch of before claims nothing', async () => {
  await using on = await stage(inMemory)
  const said = wishes(60, 'w', 30)
  const batches: RecordBatch[] = []
  let deliver: (batch: RecordBatch) => Promise<void> = () => Promise.reject(new Error('not subscribed yet'))
  const first = await on.host(tally, {
    log: {
      ...on.log,
      subscribe(options) {
        deliver = options.onBatch
        const onBatch = (batch: RecordBatch) => {
          batches.push(batch)
          return options.onBatch(batch)
        }
        return on.log.subscribe({ ...options, onBatch })
      },
    },
  })
  const owned = (host: DeciderHost) => new Set(host.partitions().map(({ partition }) => partition))
  await on.wish(...said.slice(0, 30))
  await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(30)
  await expect.poll(() => owned(first), eventually).toEqual(new Set([0, 1, 2]))

  const second = await on.host(tally)
  await expect.poll(() => owned(first), eventually).toEqual(new Set([0, 2]))
  await expect.poll(() => owned(second), eventually).toEqual(new Set([1]))
  const late = batches.find(({ partition }) => partition === 1)!
  await expect(deliver(late)).rejects.toThrow(MembershipLost)
  await on.wish(...said.slice(30))
  await expect.poll(async () => folded(await on.events()).accepted.length, eventually).toBe(60)
  expectOnceInOrder(await on.events(), said)
  // The owner's claim is the last one.
  const claims = on.db.collection<{ _id: number; epoch: number }>('tally_v1_partitions')
  expect((await claims.findOne({ _id: 1 }))?.epoch).toBe(Number(second.partitions()[0]!.epoch))
  expect(owned(first)).toEqual(new Set([0, 2]))
})

test('a partition whose events the log does not take is told as stuck, with the error', async () => {
  await using on = await stage(inMemory)
  const stuck: StuckReader[] = []
  let isFull = true
  const log = tampered(on.log, on.topics.events, async (own) => {
    if (isFull) throw new LogUnavailable('The disk is full.')
    return own()
  })
  const host = await on.host(tally, { log, onStuck: (one) => void stuck.push(one) })
  const [wish] = wishes(1)
  await on.wish(wish!)
  const partition = await on.log.partitionOf(wish!.stream, on.topics.commands)
  await expect
    .poll(() => stuck, eventually)
    .toEqual([{ partition, attempts: 5, error: expect.any(LogUnavailable) }])
  expect(host.stuck()).toMatchObject([{ partition }])
  isFull = false
  await expect.poll(async () => (await on.events()).length, eventually).toBe(1)
})

test('a partition that stands still at one command is told with its stream, after what comes before it was decided', async () => {
  await using on = await stage(inMemory)
  const stuck: StuckReader[] = []
  const said = wishes(partitions * 40, 'w', partitions * 4)
  const bad = said.at(-1)!
  const partition = partitionOf(bad.stream, partitions)
  const log = {
    ...on.log,
    append: async (topic: string, records: readonly LogRecord[]) => {
      if (topic === on.topics.events && records.some(({ key }) => key === bad.stream))
        throw new Error('A bug.')
      return on.log.append(topic, records)
    },
  }
  const host = await on.host(tally, { log, onStuck: (one) => void stuck.push(one) })
  await on.wish(...said.filter(({ stream }) => stream !== bad.stream), bad)
  await expect
    .poll(() => stuck, eventually)
    .toMatchObject([{ partition, attempts: 5, streamId: bad.stream, error: { message: 'A bug.' } }])
  expect(host.stuck()).toMatchObject([{ partition, streamId: bad.stream }])
  const others = said.filter(({ stream }) => stream !== bad.stream)
  await expect.poll(async () => (await on.events()).length, eventually).toBe(others.length)
  expectOnceInOrder(await on.events(), others)
})

test('a batch is done only once its dead letters are in the log', async () => {
  await using on = await stage(inMemory)
  let attempts = 0
  let isAway = true
  const log = tampered(on.log, on.topics.deadLetters, async (own) => {
    attempts += 1
    if (isAway) throw new LogUnavailable('The log is away.')
    return own()
  })
  const host = await on.host(tally, { log })
  await on.log.append(on.topics.commands, [{ key: 'contact-1', value: Buffer.from('no command') }])
  await expect.poll(() => attempts, eventually).toBeGreaterThan(1)
  expect(host.lag().reduce((sum, { records }) => sum + records, 0n)).toBe(1n)
  isAway = false
  await expect.poll(() => host.lag().every(({ records }) => records === 0n), eventually).toBe(true)
  expect((await everything(on.log, on.topics.deadLetters)).length).toBe(1)
})

test('a command that cannot be decided is in the dead letters, however often that fails, though a later one of its stream was decided', async () => {
  await using on = await stage(inMemory)
  let attempts = 0
  await on.wish({ id: 'bug', stream: 'contact-1' }, { id: 'after', stream: 'contact-1' })
  const host = await on.host(fragile, {
    log: tampered(on.log, on.topics.deadLetters, async (own) => {
      attempts += 1
      if (attempts < 3) throw new LogUnavailable('The log is away.')
      return own()
    }),
  })
  await expect
    .poll(async () => messagesOf(folded(await on.events()).accepted), eventually)
    .toEqual(['contact-1 after'])
  await expect.poll(() => host.lag().every(({ records }) => records === 0n), eventually).toBe(true)
  expect(
    (await everything(on.log, on.topics.deadLetters)).map(({ value }) => DeadLetter.decode(value).code),
  ).toEqual(['DECISION_FAILED'])
})

test('what the owner of before decides and writes to snapshots while the next one claims is no gap: the end is asked for after that', async () => {
  await using on = await stage(inMemory)
  const [wish] = wishes(1)
  const partition = await on.log.partitionOf(wish!.stream, on.topics.commands)
  await on.host(tally, { group: `${on.namespace}.before`, snapshotEveryStreams: 1 })
  const marked = async () =>
    (await on.db.collection<{ _id: number; mark: number }>('tally_v1_partitions').findOne({ _id: partition }))
      ?.mark
  await expect.poll(marked, eventually).toBe(0)
  let decided: Promise<void> | undefined
  const decide = async () => {
    await on.wish(wish!)
    await expect.poll(marked, eventually).toBe(1)
  }
  const db = watchedDb(on.db, (own, { collection, method }) =>
    collection === 'tally_v1_partitions' && method === 'findOneAndUpdate'
      ? (decided ??= decide()).then(own)
      : own(),
  )
  const next = await on.host(tally, { db, group: `${on.namespace}.next` })
  await expect.poll(() => next.partitions().length, eventually).toBe(partitions)
  expect(on.faults).toEqual([])
})
