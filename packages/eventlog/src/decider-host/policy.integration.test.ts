import { emptyStream, evolveStream, policyBytes, policyDecider, readEvent } from '@parley/kernel'
import { tallies, tally } from '@parley/testkit'
import { expect, test } from 'vitest'
import type { EventLog, StoredRecord } from '../log.ts'
import { bothLogs, inMemory, partitions } from '../logs.fixture.ts'
import { memoryLog } from '../memory.ts'
import { type FamilyTopics, topicsOf } from '../topics.ts'
import {
  type TallyDecider,
  type Wish,
  eventually,
  everything,
  folded,
  stage,
  tampered,
  wishes,
} from './host.fixture.ts'
import { adopt, policyStreamOf } from './policy-stream.ts'

const policyStreams = Array.from({ length: partitions }, (_, partition) =>
  policyStreamOf(partition, partitions),
)

/** The events of one partition, as bytes. */
async function bytesOf(log: EventLog, topic: string, partition: number): Promise<Buffer[]> {
  const records = await log.read(topic, partition, 0n, await log.endOffset(topic, partition))
  return records.map(({ value }) => Buffer.from(value))
}

/** Policies in the order in which the partition adopted them. */
async function adoptedIn(log: EventLog, { events }: FamilyTopics<any, any>, partition: number) {
  let stream = emptyStream(policyDecider, policyStreams[partition]!)
  for (const raw of await bytesOf(log, events, partition)) {
    const event = readEvent(raw)
    if (event.envelope.streamId === policyStreams[partition])
      stream = evolveStream(policyDecider, stream, event, -1n)
  }
  return stream.state.map(({ policy }) => policy)
}

async function isCaughtUp(log: EventLog, group: string, topic: string): Promise<boolean> {
  const [offsets, ends] = await Promise.all([log.groupOffsets(group, topic), log.offsets(topic)])
  return ends.every(({ end }, partition) => (offsets.get(partition) ?? 0n) >= end)
}

const outcomesOf = async (log: EventLog, topics: FamilyTopics<any, any>) =>
  (await everything(log, topics.events))
    .map(({ value }) => readEvent(value).envelope)
    .filter(({ streamId }) => !policyStreams.includes(streamId))
    .map((envelope) => [envelope.streamId, tallies.readEvent(envelope).type])

test.each(bothLogs())(
  'what came before the first policy of a partition is decided by it (%s)',
  async (_, open) => {
    await using on = await stage(open)
    // The 3 that a policy allows of each of 5 streams; whoever decided without one would allow all.
    await on.wish(...wishes(25))
    await on.host(tally, { policy: { countMax: 3 } })
    const outcomes = () => outcomesOf(on.log, on.topics)
    await expect.poll(async () => (await outcomes()).length, eventually).toBe(25)
    expect((await outcomes()).filter(([, type]) => type === 'Added').length).toBe(15)
    expect(on.faults).toEqual([])
  },
)

test('what somebody wrote by hand before the first policy of a partition holds up nobody', async () => {
  await using on = await stage(inMemory)
  const [wish] = wishes(1) as [Wish]
  const partition = await on.log.partitionOf(wish.stream, on.topics.commands)
  const key = policyStreams[partition]!
  await on.wish({ ...wish, id: 'no policy', stream: key })
  await on.log.append(on.topics.commands, [{ key, value: Buffer.from('no command') }])
  const elsewhere = memoryLog({ partitions })
  await adopt(elsewhere, on.topics, 'another stream', policyBytes({ countMax: 0 }), new Date())
  const [{ value }] = (await everything(elsewhere, on.topics.commands)) as [StoredRecord]
  await elsewhere.close()
  await on.log.append(on.topics.commands, [{ key, value }])
  await on.wish(wish)
  await on.host(tally, { policy: { countMax: 3 } })
  await expect.poll(() => outcomesOf(on.log, on.topics), eventually).toEqual([[wish.stream, 'Added']])
  await expect.poll(async () => (await everything(on.log, on.topics.deadLetters)).length, eventually).toBe(3)
  expect(on.faults).toEqual([])
})

test('the configuration changed twice, then all is decided anew under another one: the same bytes', async () => {
  await using on = await stage(inMemory)
  const group = `${on.namespace}.routing`
  const countMaxes = [2, 6, 4]
  for (const [index, countMax] of countMaxes.entries()) {
    // Some come while nobody decides, some while this policy is in force.
    await on.wish(...wishes(20, `early${index}-`))
    const host = await on.host(tally, { policy: { countMax } })
    await on.wish(...wishes(20, `late${index}-`))
    await expect.poll(() => isCaughtUp(on.log, group, on.topics.commands), eventually).toBe(true)
    await host.stop()
  }
  const types = (await outcomesOf(on.log, on.topics)).map(([, type]) => type)
  expect(types.length).toBe(120)
  expect(new Set(types)).toEqual(new Set(['Added', 'CommandRefused']))

  // The same commands, a log of events that begins anew, and nothing known of the first time.
  const anew = { ...topicsOf(`${on.namespace}-anew`, tallies), commands: on.topics.commands }
  const before = await Promise.all([0, 1, 2].map((partition) => bytesOf(on.log, on.topics.events, partition)))
  await on.host(tally, {
    topics: anew,
    group: `${on.namespace}.anew`,
    db: on.db.client.db(`${on.db.databaseName}_anew`),
    policy: { countMax: 1_000 },
  })
  await expect
    .poll(() => isCaughtUp(on.log, `${on.namespace}.anew`, on.topics.commands), eventually)
    .toBe(true)
  for (const partition of [0, 1, 2]) {
    const again = await bytesOf(on.log, anew.events, partition)
    const same = before[partition]!
    expect(again.slice(0, same.length)).toEqual(same)
    // Then its own configuration is adopted, for what comes.
    expect(await adoptedIn(on.log, on.topics, partition)).toEqual(
      countMaxes.map((countMax) => ({ countMax })),
    )
    expect((await adoptedIn(on.log, anew, partition)).at(-1)).toEqual({ countMax: 1_000 })
    expect(again.length).toBe(same.length + 1)
  }
  await on.db.client.db(`${on.db.databaseName}_anew`).dropDatabase()
})

test('a policy that is configured while a host runs is adopted in each of its partitions, and once', async () => {
  await using on = await stage(inMemory)
  const host = await on.host(tally, { policy: { countMax: 2 } })
  const adopted = () => Promise.all([0, 1, 2].map((partition) => adoptedIn(on.log, on.topics, partition)))
  await expect.poll(adopted, eventually).toEqual([[{ countMax: 2 }], [{ countMax: 2 }], [{ countMax: 2 }]])
  await host.adopt({ countMax: 4 })
  await host.adopt({ countMax: 4 })
  await on.wish(...wishes(25))
  await expect.poll(async () => (await outcomesOf(on.log, on.topics)).length, eventually).toBe(25)
  const both = [{ countMax: 2 }, { countMax: 4 }]
  expect(await adopted()).toEqual([both, both, both])
  const outcomes = await outcomesOf(on.log, on.topics)
  expect(outcomes.filter(([, type]) => type === 'Added').length).toBe(20)
  await host.stop()
})

test('who goes back to the policy in force before another one that was wished for is decided goes by it', async () => {
  await using on = await stage(inMemory)
  const decided = Promise.withResolvers<void>()
  let holds = false
  const log = tampered(on.log, on.topics.events, async (append) => {
    if (holds) await decided.promise
    return append()
  })
  const host = await on.host(tally, { log, policy: { countMax: 2 } })
  const adopted = () => Promise.all([0, 1, 2].map((partition) => adoptedIn(on.log, on.topics, partition)))
  await expect.poll(adopted, eventually).toEqual([[{ countMax: 2 }], [{ countMax: 2 }], [{ countMax: 2 }]])
  holds = true
  await host.adopt({ countMax: 4 })
  await host.adopt({ countMax: 2 })
  decided.resolve()
  const back = [{ countMax: 2 }, { countMax: 4 }, { countMax: 2 }]
  await expect.poll(adopted, eventually).toEqual([back, back, back])
  await host.stop()
})

test('a wish that changed nothing under the policy of its time changes nothing when it comes again under a later one', async () => {
  await using on = await stage(inMemory)
  const group = `${on.namespace}.routing`
  // What is too much is ignored: nothing on record says that it was decided.
  const silent: TallyDecider = {
    ...tally,
    decide(wish, state, policy) {
      const decision = tally.decide(wish, state, policy)
      return 'refused' in decision ? { events: [] } : decision
    },
  }
  const decided = async (countMax: number) => {
    const host = await on.host(silent, { policy: { countMax } })
    await expect.poll(() => host.partitions().length, eventually).toBe(partitions)
    await expect.poll(() => isCaughtUp(on.log, group, on.topics.commands), eventually).toBe(true)
    await host.stop()
  }
  await on.wish(...wishes(5, 'w', 1))
  await decided(2)
  await decided(10)
  const before = await outcomesOf(on.log, on.topics)
  expect(before.length).toBe(2)
  for (let partition = 0; partition < partitions; partition += 1)
    on.log.rewind(group, on.topics.commands, partition, 0n)
  await decided(10)
  expect(await outcomesOf(on.log, on.topics)).toEqual(before)
})

test.each(bothLogs())(
  'a changed configuration is adopted in every partition before the first command comes (%s)',
  async (_, open) => {
    await using on = await stage(open)
    for (const countMax of [2, 3]) {
      const host = await on.host(tally, { policy: { countMax } })
      for (let partition = 0; partition < partitions; partition += 1)
        await expect
          .poll(async () => (await adoptedIn(on.log, on.topics, partition)).at(-1), eventually)
          .toEqual({ countMax })
      await host.stop()
    }
  },
)

test('two hosts of other configuration at once: all readers agree, and every decision is by a policy on the log', async () => {
  await using on = await stage(inMemory)
  const said: Wish[] = wishes(200, 'w', 3)
  await Promise.all([
    on.host(tally, { policy: { countMax: 30 }, group: `${on.namespace}.one` }),
    on.host(tally, { policy: { countMax: 50 }, group: `${on.namespace}.two` }),
  ])
  for (let at = 0; at < said.length; at += 20) await on.wish(...said.slice(at, at + 20))
  const outcomes = async () =>
    folded((await on.events()).filter(({ key }) => !policyStreams.includes(key))).accepted
  await expect.poll(async () => (await outcomes()).length, eventually).toBe(200)
  for (const group of ['one', 'two'])
    await expect
      .poll(() => isCaughtUp(on.log, `${on.namespace}.${group}`, on.topics.commands), eventually)
      .toBe(true)

  // Whoever decides the same commands alone, under whatever configuration, gets what all readers accepted.
  const anew = { ...topicsOf(`${on.namespace}-anew`, tallies), commands: on.topics.commands }
  await on.host(tally, {
    topics: anew,
    group: `${on.namespace}.anew`,
    db: on.db.client.db(`${on.db.databaseName}_anew`),
    policy: { countMax: 1 },
  })
  await expect
    .poll(() => isCaughtUp(on.log, `${on.namespace}.anew`, on.topics.commands), eventually)
    .toBe(true)
  const alone = (await everything(on.log, anew.events)).filter(({ key }) => !policyStreams.includes(key))
  const hashes = (accepted: readonly { readonly hash: Buffer }[]) =>
    accepted.map(({ hash }) => hash.toString('hex')).toSorted()
  expect(hashes(folded(alone).accepted)).toEqual(hashes(await outcomes()))
  await on.db.client.db(`${on.db.databaseName}_anew`).dropDatabase()
})
