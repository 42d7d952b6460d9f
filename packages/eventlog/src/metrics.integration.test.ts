import { randomUUID } from 'node:crypto'
import { StreamGap } from '@parley/kernel'
import { Chain, measuring, tallies, tally, testDb } from '@parley/testkit'
import { expect, test } from 'vitest'
import { eventRecord } from './commands.ts'
import { HOST_UNTOLD, eventually, stage, wishes } from './decider-host/host.fixture.ts'
import { inMemory, partitions } from './logs.fixture.ts'
import { memoryLog } from './memory.ts'
import { runReactor } from './reader/reactor.ts'
import { UNTOLD } from './reader/trouble.fixture.ts'
import { topicsOf } from './topics.ts'

const samplesOf = measuring()
const of = async (metric: string, labels: string) => (await samplesOf(metric))[labels]

test('what a reader passes over, sets aside, waits for and misses is measured under its name', async () => {
  const namespace = `measured-${randomUUID()}`
  const topics = topicsOf(namespace, tallies)
  await using log = Object.assign(memoryLog({ partitions: 1 }), {
    [Symbol.asyncDispose]: () => log.close(),
  })
  await using store = await testDb()
  const { db } = store
  const faults: Error[] = []
  const gate = Promise.withResolvers<void>()
  let isHeld = false
  const reader = await runReactor({
    ...UNTOLD,
    log,
    topics,
    types: ['Added'],
    name: 'measured',
    namespace,
    db,
    async handle() {
      if (isHeld) await gate.promise
    },
    onFault: (error) => void faults.push(error),
  })
  const by = 'parley_reader="measured"'
  const added = (chain: Chain<any>, id: string) => chain.add({ type: 'Added', data: { id } })
  const say = (...events: readonly Parameters<typeof eventRecord>[0][]) =>
    log.append(topics.events, events.map(eventRecord))

  const winner = new Chain(tallies, 'stream-1')
  const first = added(winner, 'a')
  const zombie = new Chain(tallies, 'stream-1', { continues: winner.head })
  await say(first, added(winner, 'b'), added(zombie, 'lost'))
  await expect.poll(() => of('parley_reader_superseded_total', by), eventually).toBe(1)

  await log.append(topics.events, [{ key: 'stream-2', value: Buffer.from('no event at all') }])
  await expect.poll(() => of('parley_reader_parked', by), eventually).toBe(1)

  isHeld = true
  await say(added(winner, 'c'))
  const partition = `${by},parley_partition="0"`
  await expect.poll(() => of('parley_reader_lag_records', partition), eventually).toBe(1)
  await expect.poll(() => of('parley_reader_lag_seconds', partition), eventually).toBeGreaterThan(0.05)
  gate.resolve()
  await expect.poll(() => of('parley_reader_lag_records', partition), eventually).toBe(0)

  added(winner, 'missing')
  await say(added(winner, 'e'))
  await expect.poll(() => faults[0], eventually).toBeInstanceOf(StreamGap)
  expect(await of('parley_reader_gaps_total', by)).toBeGreaterThanOrEqual(1)
  await reader.stop()
})

test('what is decided, what that makes, and what cannot be decided is counted; so is a hole that stops a decider', async () => {
  await using on = await stage(inMemory)
  const host = await on.host(tally)
  await on.wish(...wishes(5))
  await on.log.append(on.topics.commands, [{ key: 'contact-1', value: Buffer.from('no command') }])
  await expect.poll(() => of('parley_decider_decided_total', ''), eventually).toBe(5)
  expect(await of('parley_decider_appended_total', '')).toBe(5)
  await expect.poll(() => of('parley_dead_letters_total', 'code="UNREADABLE_COMMAND"'), eventually).toBe(1)
  await host.stop()

  const anew = memoryLog({ partitions })
  await on.host(tally, { ...HOST_UNTOLD, log: anew, name: 'gap-decider' })
  await expect
    .poll(() => of('parley_reader_gaps_total', 'parley_reader="gap-decider"'), eventually)
    .toBeGreaterThanOrEqual(1)
  await anew.close()
})
