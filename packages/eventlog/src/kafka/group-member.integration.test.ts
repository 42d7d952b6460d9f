import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { brokerProxy, measuring, tallies, testKafka } from '@parley/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { EventLog, RecordBatch, Subscription } from '../log.ts'
import { topicsOf } from '../topics.ts'
import { ensureTopics } from './ensure-topics.ts'
import { kafkaLog } from './kafka-log.ts'
import type { KafkaSettings } from './settings.ts'

const eventually = { timeout: 40_000, interval: 20 }
const BACK_MS_MAX = 3_000
/** For so long the broker believes in a dead member. */
const SESSION_MS = 10_000
const PARTITIONS = 4

async function newTopic(): Promise<{ topic: string; group: string; brokers: string[] }> {
  const brokers = testKafka()
  const namespace = `member-${randomUUID()}`
  await ensureTopics({ brokers }, namespace, [tallies], PARTITIONS)
  const topic = topicsOf(namespace, tallies).commands
  return { topic, group: `${topic}.g`, brokers }
}

const record = (key: string, content: string) => ({ key, value: Buffer.from(content) })

async function opened(settings: KafkaSettings) {
  const log = await kafkaLog(settings, 'member-test')
  return Object.assign(log, { [Symbol.asyncDispose]: () => log.close() })
}

/** A consuming process of its own, to be killed. */
function memberProcess(...args: string[]) {
  const file = fileURLToPath(new URL('./fixtures/member-process.ts', import.meta.url))
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)))
  const timeOf = (start: string) => {
    const line = lines.find((each) => each.startsWith(start))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
  return {
    timeOf,
    async kill() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test('a member that was killed works again within 3 s of its process being up', async () => {
  const { topic, group, brokers } = await newTopic()
  await using witness = await opened({ brokers })
  const took: number[] = []
  let current = memberProcess(brokers[0]!, topic, group, 'only')
  for (let round = 0; round < 4; round += 1) {
    await witness.append(topic, [record('a', `before-${round}`)])
    await expect.poll(() => current.timeOf(`handled before-${round} `), eventually).toBeDefined()
    await current.kill()
    await witness.append(topic, [record('a', `after-${round}`)])
    current = memberProcess(brokers[0]!, topic, group, 'only')
    await expect.poll(() => current.timeOf(`handled after-${round} `), eventually).toBeDefined()
    took.push(current.timeOf(`handled after-${round} `)! - current.timeOf('up')!)
  }
  await current.kill()
  console.log(`back after ${took.join(', ')} ms`)
  // The machine may do something else meanwhile, but once at most.
  const [longest = 0, next = 0] = took.toSorted((a, b) => b - a)
  expect(next).toBeLessThan(BACK_MS_MAX)
  expect(longest).toBeLessThan(SESSION_MS)
}, 120_000)

/** Partitions that the members count as theirs, and whether each is there once. */
function shared(...subscriptions: readonly Subscription[]): boolean {
  const all = subscriptions.flatMap((subscription) => subscription.assigned())
  return (
    subscriptions.every((subscription) => subscription.assigned().length > 0) &&
    all.length === PARTITIONS &&
    new Set(all).size === PARTITIONS
  )
}

const collecting = (log: EventLog, topic: string, group: string, seen: string[]) =>
  log.subscribe({
    group,
    topic,
    onFault: (error) => {
      throw error
    },
    onBatch: async ({ records }) =>
      void seen.push(...records.map(({ value }) => Buffer.from(value).toString())),
  })

test('how long fetches and appends take is measured, how many records go out together, and how many requests that costs', async () => {
  const samplesOf = measuring()
  const { topic, group, brokers } = await newTopic()
  await using log = await opened({ brokers })
  const seen: string[] = []
  const fetches = async () => (await samplesOf('parley_log_fetch_duration_count'))['']
  await collecting(log, topic, group, seen)
  const [stored] = await log.append(topic, [record('a', 'one')])
  expect((await samplesOf('parley_log_append_duration_count'))['']).toBe(1)
  expect((await samplesOf('parley_log_batch_records_sum'))['']).toBe(1)
  await expect.poll(() => seen, eventually).toEqual(['one'])
  expect(await fetches()).toBe(1)
  await log.read(topic, stored!.partition, 0n, 1n)
  expect(await fetches()).toBe(2)
  const requests = async () => (await samplesOf('parley_kafka_requests_total'))['']!
  const before = await requests()
  await log.append(topic, [record('a', 'two')])
  expect(await requests()).toBeGreaterThan(before)
})

test('two live members of one name do not fight: the first says so, goes on without a name, and both work', async () => {
  const { topic, group, brokers } = await newTopic()
  const said: unknown[] = []
  const settings: KafkaSettings = {
    brokers,
    instance: 'twin',
    log: (level, _, { code }) => void (level === 'error' && said.push(code)),
  }
  await using one = await opened(settings)
  await using two = await opened(settings)
  const seen: string[] = []
  const first = await collecting(one, topic, group, seen)
  await expect.poll(() => first.assigned().length, eventually).toBe(PARTITIONS)
  const second = await collecting(two, topic, group, seen)
  await expect.poll(() => shared(first, second), eventually).toBe(true)
  expect(said).toEqual(['INSTANCE_NAME_TAKEN'])
  await one.append(
    topic,
    Array.from({ length: 40 }, (_, at) => record(`k${at}`, `${at}`)),
  )
  await expect.poll(() => new Set(seen).size, eventually).toBe(40)
  expect(said).toEqual(['INSTANCE_NAME_TAKEN'])
  expect(shared(first, second)).toBe(true)
})

test('of two deployments that share a namespace the one that was there first keeps all streams, and the other is told and joins no group', async () => {
  const { topic, group, brokers } = await newTopic()
  await using one = await opened({ brokers, store: 'one' })
  await using mate = await opened({ brokers, store: 'one' })
  await using other = await opened({ brokers, store: 'another' })
  const seen: string[] = []
  const first = await collecting(one, topic, group, seen)
  await expect.poll(() => first.assigned().length, eventually).toBe(PARTITIONS)
  const told = { code: 'NAMESPACE_SHARED' }
  // Until the group is shared out it does not say who is in it.
  await vi.waitFor(() => expect(collecting(other, topic, group, [])).rejects.toMatchObject(told), eventually)
  expect(await one.memberCount(group)).toBe(1)
  // A replica of the same store is none.
  const second = await collecting(mate, topic, group, seen)
  await expect.poll(() => shared(first, second), eventually).toBe(true)
  await one.append(
    topic,
    Array.from({ length: 40 }, (_, at) => record(`k${at}`, `${at}`)),
  )
  await expect.poll(() => new Set(seen).size, eventually).toBe(40)
})

test('of two deployments that join one group at once one has all streams, and the other is told', async () => {
  const { topic, group, brokers } = await newTopic()
  await using one = await opened({ brokers, store: 'one' })
  await using other = await opened({ brokers, store: 'another' })
  const faults: unknown[] = []
  const onFault = (error: unknown) => void faults.push((error as { code?: unknown }).code)
  const seen: { by: number; key: string }[] = []
  const members = await Promise.all(
    [one, other].map((log, by) =>
      log
        .subscribe({
          group,
          topic,
          onFault,
          onBatch: async ({ records }) => void seen.push(...records.map(({ key }) => ({ by, key }))),
        })
        // It may be a moment later, and see the other one before it joins.
        .catch((error: unknown) => {
          onFault(error)
          return undefined
        }),
    ),
  )
  await expect.poll(() => faults, eventually).toEqual(['NAMESPACE_SHARED'])
  await expect
    .poll(() => new Set(members.map((member) => member?.assigned().length ?? 0)), eventually)
    .toEqual(new Set([0, PARTITIONS]))
  await one.append(
    topic,
    Array.from({ length: 40 }, (_, at) => record(`k${at}`, `${at}`)),
  )
  await expect.poll(() => new Set(seen.map(({ key }) => key)).size, eventually).toBe(40)
  expect(new Set(seen.map(({ by }) => by)).size).toBe(1)
})

test('a member whose session is over owns nothing any more, though a word of the broker comes late that it was well then', async () => {
  const { topic, group, brokers } = await newTopic()
  await using proxy = await brokerProxy(brokers[0]!)
  await using log = await opened({ brokers: [proxy.broker], sessionTimeoutMs: 3_000 })
  await using witness = await opened({ brokers })
  const inWork = Promise.withResolvers<RecordBatch>()
  const end = Promise.withResolvers<void>()
  let generations = 0
  await log.subscribe({
    group,
    topic,
    onFault: (error) => {
      throw error
    },
    onAssigned: async () => void (generations += 1),
    onBatch: async (batch) => {
      inWork.resolve(batch)
      await end.promise
    },
  })
  await log.append(topic, [record('a', 'one')])
  const batch = await inWork.promise
  expect(batch.isOwned()).toBe(true)
  const late = Promise.withResolvers<void>()
  proxy.answersAfter = late.promise
  const successor = await collecting(witness, topic, group, [])
  await expect.poll(() => successor.assigned().length, eventually).toBe(PARTITIONS)
  expect(batch.isOwned()).toBe(false)
  let isOwnedAgain = false
  const looking = setInterval(() => (isOwnedAgain ||= batch.isOwned()), 5)
  onTestFinished(() => clearInterval(looking))
  proxy.answersAfter = undefined
  late.resolve()
  await expect.poll(() => generations, eventually).toBe(2)
  expect(isOwnedAgain).toBe(false)
  end.resolve()
})

test('what ends while a group is shared out anew is committed before its partition goes to another', async () => {
  const { topic, group, brokers } = await newTopic()
  // Longer than a busy machine takes for what is in work here, and less than the group waits for its members.
  await using one = await opened({ brokers, handOverMs: 10_000 })
  await using two = await opened({ brokers })
  const seen: string[] = []
  const inWork = Promise.withResolvers<void>()
  let isFirst = true
  const first = await one.subscribe({
    group,
    topic,
    // So that nothing is committed but what is handed over.
    commitEveryMs: 60_000,
    onFault: (error) => {
      throw error
    },
    async onBatch(batch) {
      seen.push(...batch.records.map(({ value }) => Buffer.from(value).toString()))
      if (!isFirst) return
      isFirst = false
      inWork.resolve()
      // Until it hears that the group is shared out anew, and a while longer, in which it asks and hears that again.
      const isTold = () =>
        batch.heartbeat().then(
          () => false,
          () => true,
        )
      for (let told = 0; told < 5; await delay(20)) if (await isTold()) told += 1
    },
  })
  await one.append(topic, [record('a', 'one')])
  await inWork.promise
  const second = await collecting(two, topic, group, seen)
  await expect.poll(() => shared(first, second), eventually).toBe(true)
  // Whatever comes again comes before it.
  await one.append(topic, [record('a', 'two')])
  await expect.poll(() => seen, eventually).toContain('two')
  expect(seen).toEqual(['one', 'two'])
})

test('a member that stops hands its partitions over, under a name too: nobody waits until the broker misses it', async () => {
  const { topic, group, brokers } = await newTopic()
  await using one = await opened({ brokers, instance: 'one' })
  await using two = await opened({ brokers, instance: 'two' })
  const first = await collecting(one, topic, group, [])
  const second = await collecting(two, topic, group, [])
  await expect.poll(() => shared(first, second), eventually).toBe(true)
  await first.stop()
  const stoppedAt = Date.now()
  await expect.poll(() => second.assigned().length, eventually).toBe(PARTITIONS)
  expect(Date.now() - stoppedAt).toBeLessThan(SESSION_MS)
})
