import { describe, expect, test, vi } from 'vitest'
import type { EventLog, RecordBatch, StoredRecord, StuckBatch, SubscribeOptions } from './log.ts'
import { partitionOf } from './partitioning.ts'

/** What the contract needs of an adapter. Each `client` stands for a process of its own. */
export interface LogUnderTest extends AsyncDisposable {
  readonly partitions: number
  client(): Promise<EventLog>
  newTopic(): Promise<string>
  /** Offset of the first record of each record batch of the partition. */
  batchStarts(topic: string, partition: number): Promise<readonly bigint[]>
  /** Retention: the records before the offset are gone. */
  trim(topic: string, partition: number, before: bigint): Promise<void>
}

const ASSIGNED_MS = 25_000
const eventually = { timeout: ASSIGNED_MS, interval: 10 }

/** The words of `log.ts`, as tests. Every adapter is held to them. */
export function logContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} keeps the contract of the log`, () => {
    test('an append answers with the positions of its records and the time of the log, in the order given', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const keys = ['a', 'b', 'a', 'c', 'b', 'a']
      const positions = await client.append(topic, keys.map(record))
      for (const [index, { partition, offset, timestamp }] of positions.entries()) {
        expect(partition).toBe(partitionOf(keys[index]!, log.partitions))
        expect(await client.partitionOf(keys[index]!, topic)).toBe(partition)
        const [stored] = await client.read(topic, partition, offset, offset + 1n)
        expect(stored).toMatchObject({ key: keys[index], offset, partition, topic, timestamp })
        expect(text(stored!)).toBe(String(index))
      }
      expect(await client.partitionCount(topic)).toBe(log.partitions)
      expect(await client.append(topic, [])).toEqual([])
    })

    test('what was stored is what was given: the exact bytes, the headers, and the time of the log', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const value = Uint8Array.from({ length: 256 }, (_, byte) => byte)
      const before = Date.now() - 5_000
      const [position] = await client.append(topic, [
        { key: 'ключ', value, headers: { ce_type: 'Déjà', ce_id: '1' } },
      ])
      const [stored] = await client.read(topic, position!.partition, position!.offset, position!.offset + 1n)
      expect(Buffer.compare(stored!.value, value)).toBe(0)
      expect(stored).toMatchObject({ key: 'ключ', headers: { ce_type: 'Déjà', ce_id: '1' } })
      expect(stored!.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(Date.parse(stored!.timestamp)).toBeGreaterThan(before)
    })

    test('appends that overlap are stored once each, and those of one key in the order of the calls', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const appends = Array.from({ length: 400 }, (_, call) =>
        client.append(topic, [
          { key: `k${call % 7}`, value: Buffer.from(`${call}/0`) },
          { key: `k${(call + 1) % 7}`, value: Buffer.from(`${call}/1`) },
        ]),
      )
      const positions = (await Promise.all(appends)).flat()
      expect(new Set(positions.map(({ partition, offset }) => `${partition}/${offset}`)).size).toBe(800)
      const stored = await everything(client, topic, log.partitions)
      expect(stored.length).toBe(800)
      for (const key of new Set(stored.map((one) => one.key))) {
        const calls = stored.filter((one) => one.key === key).map((one) => Number(text(one).split('/')[0]))
        expect(calls).toEqual([...calls].sort((left, right) => left - right))
      }
    })

    test('one append may be larger than one request to the log takes', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const value = Buffer.alloc(20_000, 'x')
      const positions = await client.append(
        topic,
        Array.from({ length: 300 }, () => ({ key: 'one', value })),
      )
      expect(positions.map(({ offset }) => offset)).toEqual(
        Array.from({ length: 300 }, (_, at) => BigInt(at)),
      )
    })

    test('a record that is too large fails alone, before it is sent', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const huge = client.append(topic, [record('a', 0), { key: 'a', value: Buffer.alloc(9_000_000) }])
      const beside = client.append(topic, [record('a', 1)])
      await expect(huge).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' })
      expect(await beside).toMatchObject([{ offset: 0n }])
      const webhook = Buffer.alloc(3_000_000, 'x')
      expect(await client.append(topic, [{ key: 'a', value: webhook }])).toMatchObject([{ offset: 1n }])
    })

    test('a run is stored in one record batch, however much is appended beside it', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const run = (name: string, length: number, bytes: number) =>
        Array.from({ length }, (_, at) => ({
          key: 'a',
          value: Buffer.from(`${name}.${at}`.padEnd(bytes, ' ')),
          ...(at === 0 ? {} : { withPrevious: true as const }),
        }))
      // Alone larger than a batch of ours is, by bytes and by records.
      const runs = [
        run('wide', 30, 50_000),
        run('long', 6_000, 10),
        run('x', 3, 100_000),
        run('y', 20, 40_000),
      ]
      const appends = runs.flatMap((one, at) => [
        client.append(topic, [record('a', at), ...one, record('a', at)]),
        client.append(topic, [record('a', at), record('b', at)]),
      ])
      await Promise.all(appends)
      const partition = await client.partitionOf('a', topic)
      const stored = await client.read(topic, partition, 0n, await client.endOffset(topic, partition))
      const starts = new Set(await log.batchStarts(topic, partition))
      for (const one of runs) {
        const texts = one.map(({ value }) => value.toString())
        const first = stored.findIndex((each) => text(each) === texts[0])
        expect(stored.slice(first, first + one.length).map(text)).toEqual(texts)
        for (let at = first + 1; at < first + one.length; at += 1)
          expect(starts.has(stored[at]!.offset)).toBe(false)
      }
      expect(stored.length).toBe(
        runs.flat().length + 3 * runs.length + (await sharedWith(client, topic, 'a', 'b')) * runs.length,
      )
    })

    test('a run is of one key, and as a whole no larger than the log takes: else nothing is stored', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const together = { withPrevious: true as const }
      for (const broken of [
        [{ ...record('a', 0), ...together }],
        [record('a', 0), record('b', 1), { ...record('a', 2), ...together }],
      ])
        await expect(client.append(topic, broken)).rejects.toMatchObject({ code: 'BROKEN_RUN' })
      const half = { key: 'a', value: Buffer.alloc(5_000_000) }
      const tooLarge = [record('a', 0), half, { ...half, ...together }]
      await expect(client.append(topic, tooLarge)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' })
      expect(await client.append(topic, [record('a', 3)])).toMatchObject([{ offset: 0n }])
    })

    test('a range is read as it is asked for: inside, over the end, beyond it', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 50 }, (_, at) => record('a', at)),
      )
      const partition = await client.partitionOf('a', topic)
      const offsets = async (from: bigint, to: bigint) =>
        (await client.read(topic, partition, from, to)).map(({ offset }) => offset)
      expect(await client.endOffset(topic, partition)).toBe(50n)
      expect(await offsets(7n, 10n)).toEqual([7n, 8n, 9n])
      expect(await offsets(48n, 60n)).toEqual([48n, 49n])
      expect(await offsets(50n, 60n)).toEqual([])
      expect(await offsets(70n, 80n)).toEqual([])
      expect(await offsets(10n, 10n)).toEqual([])
      const other = (partition + 1) % log.partitions
      expect(await client.endOffset(topic, other)).toBe(0n)
      const ranges = await Promise.all(
        Array.from({ length: 20 }, (_, at) => offsets(BigInt(at), BigInt(at + 5))),
      )
      expect(ranges.map(([first]) => first)).toEqual(Array.from({ length: 20 }, (_, at) => BigInt(at)))
    })

    test('a group gets every record from the beginning, in order, after it was told its partitions', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 100 }, (_, at) => record(`k${at}`, at)),
      )
      const told: number[][] = []
      const { batches, subscription } = await collect(client, topic, 'readers', {
        onAssigned: async (partitions) => void told.push([...partitions]),
        onBatch: async (batch) => {
          expect(told.at(-1)).toContain(batch.partition)
          expect(batch.isOwned()).toBe(true)
          await batch.heartbeat()
        },
      })
      await expect.poll(() => recordsOf(batches).length, eventually).toBe(100)
      await client.append(
        topic,
        Array.from({ length: 50 }, (_, at) => record(`k${at}`, 100 + at)),
      )
      await expect.poll(() => recordsOf(batches).length, eventually).toBe(150)
      expectGapless(recordsOf(batches))
      expect(subscription.isReady()).toBe(true)
      expect(subscription.assigned()).toEqual([...Array(log.partitions).keys()])
      await subscription.stop()
      expect(subscription.assigned()).toEqual([])
      expect(subscription.isReady()).toBe(false)
    })

    test('a rejected batch comes again, and no other partition waits for it', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const [sick, well] = twoKeys(log.partitions)
      let isSick = true
      let refusals = 0
      const seen: StoredRecord[] = []
      const faults: Error[] = []
      await client.subscribe({
        group: group('refusers', topic),
        topic,
        concurrency: 1,
        onFault: (error) => void faults.push(error),
        async onBatch({ records }) {
          if (records[0]!.key === sick && isSick) {
            refusals += 1
            throw new Error('Not now.')
          }
          seen.push(...records)
        },
      })
      await client.append(
        topic,
        Array.from({ length: 10 }, (_, at) => record(sick, at)),
      )
      await expect.poll(() => refusals, eventually).toBeGreaterThan(0)
      await client.append(
        topic,
        Array.from({ length: 10 }, (_, at) => record(well, at)),
      )
      await expect.poll(() => seen.filter(({ key }) => key === well).length, eventually).toBe(10)
      isSick = false
      await expect.poll(() => seen.filter(({ key }) => key === sick).length, eventually).toBe(10)
      expectGapless(seen)
      expect(faults).toEqual([])
    })

    test('a slow batch holds up no other partition', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const [slow, quick] = twoKeys(log.partitions)
      const gate = Promise.withResolvers<void>()
      const seen: string[] = []
      await client.subscribe({
        group: group('slow', topic),
        topic,
        onFault: () => {},
        async onBatch({ records }) {
          if (records[0]!.key === slow) await gate.promise
          seen.push(...records.map(({ key }) => key))
        },
      })
      await client.append(topic, [record(slow, 0)])
      for (let at = 0; at < 3; at += 1) {
        await client.append(topic, [record(quick, at)])
        await expect.poll(() => seen.length, eventually).toBe(at + 1)
      }
      expect(seen).toEqual([quick, quick, quick])
      gate.resolve()
      await expect.poll(() => seen, eventually).toEqual([quick, quick, quick, slow])
    })

    test('a clean stop ends the batch in work and commits it: who comes after begins where it ended', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const key = 'a'
      const gate = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      const first: StoredRecord[] = []
      const subscription = await client.subscribe({
        group: group('stopping', topic),
        topic,
        onFault: () => {},
        async onBatch({ records }) {
          started.resolve()
          await gate.promise
          first.push(...records)
        },
      })
      await client.append(topic, [record(key, 0), record(key, 1)])
      await started.promise
      const stopped = subscription.stop()
      await client.append(topic, [record(key, 2)])
      gate.resolve()
      await stopped
      expect(first.length).toBeGreaterThan(0)
      const { batches } = await collect(await log.client(), topic, 'stopping')
      await expect.poll(() => first.length + recordsOf(batches).length, eventually).toBe(3)
      expect([...first, ...recordsOf(batches)].map(text)).toEqual(['0', '1', '2'])
    })

    test('a member whose store knows less than its group committed goes on where the store does, and never beyond the group', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 5 }, (_, at) => record('a', at)),
      )
      const partition = await client.partitionOf('a', topic)
      const first = await collect(client, topic, 'restored')
      await expect.poll(() => recordsOf(first.batches).length, eventually).toBe(5)
      await first.subscription.stop()
      for (const [kept, wanted] of [
        [2n, ['2', '3', '4', '5']],
        [9n, ['5']],
      ] as const) {
        const { batches, subscription } = await collect(client, topic, 'restored', {
          resumeAt: async (partitions) =>
            new Map(partitions.map((one) => [one, one === partition ? kept : 0n])),
        })
        await client.append(topic, [record('a', 5)])
        await expect.poll(() => recordsOf(batches).map(text), eventually).toEqual(wanted)
        await subscription.stop()
      }
    })

    test('a group that has no place begins where it is told, also behind what retention took, and goes on by its own place from then on', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 5 }, (_, at) => record('a', at)),
      )
      const partition = await client.partitionOf('a', topic)
      await log.trim(topic, partition, 2n)
      for (const [begun, wanted] of [
        [3n, ['3', '4']],
        [1n, ['5']],
      ] as const) {
        const { batches, subscription } = await collect(client, topic, 'forgotten', {
          beginAt: async () => new Map([[partition, begun]]),
        })
        if (begun === 1n) await client.append(topic, [record('a', 5)])
        await expect.poll(() => recordsOf(batches).map(text), eventually).toEqual(wanted)
        await subscription.stop()
      }
    })

    test('each group has its own offsets', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(topic, [record('a', 0), record('b', 1)])
      const one = await collect(client, topic, 'one')
      const two = await collect(client, topic, 'two')
      await expect
        .poll(() => [recordsOf(one.batches).length, recordsOf(two.batches).length], eventually)
        .toEqual([2, 2])
    })

    test('members share the partitions, and a member that leaves hands over its own', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const one = await collect(client, topic, 'team')
      await expect.poll(() => one.subscription.assigned().length, eventually).toBe(log.partitions)
      const two = await collect(await log.client(), topic, 'team')
      const all = [...Array(log.partitions).keys()]
      await expect
        .poll(() => {
          const mine = one.subscription.assigned()
          const theirs = two.subscription.assigned()
          return (
            mine.length > 0 && theirs.length > 0 && [...mine, ...theirs].sort((left, right) => left - right)
          )
        }, eventually)
        .toEqual(all)
      await client.append(
        topic,
        Array.from({ length: 60 }, (_, at) => record(`k${at}`, at)),
      )
      const seen = () => new Set([...recordsOf(one.batches), ...recordsOf(two.batches)].map(text)).size
      await expect.poll(seen, eventually).toBe(60)
      expect(recordsOf(one.batches).length).toBeGreaterThan(0)
      expect(recordsOf(two.batches).length).toBeGreaterThan(0)
      await one.subscription.stop()
      await expect.poll(() => two.subscription.assigned(), eventually).toEqual(all)
      await client.append(
        topic,
        Array.from({ length: 60 }, (_, at) => record(`k${at}`, 60 + at)),
      )
      await expect.poll(seen, eventually).toBe(120)
    })

    test('a batch that was in work when the group was shared out anew is owned no more, and comes again', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const gate = Promise.withResolvers<void>()
      const held = Promise.withResolvers<RecordBatch>()
      const generations: number[] = []
      const deliveries: string[] = []
      await client.subscribe({
        group: group('shared', topic),
        topic,
        onFault: () => {},
        onAssigned: async (_, generation) => void generations.push(generation),
        async onBatch(batch) {
          deliveries.push(...batch.records.map(text))
          held.resolve(batch)
          await gate.promise
        },
      })
      await client.append(topic, [record('a', 0)])
      const batch = await held.promise
      expect(batch.isOwned()).toBe(true)
      const second = await collect(await log.client(), topic, 'shared')
      await expect.poll(() => batch.isOwned(), eventually).toBe(false)
      await expect(batch.heartbeat()).rejects.toMatchObject({ code: 'MEMBERSHIP_LOST' })
      gate.resolve()
      await expect.poll(() => deliveries.length + recordsOf(second.batches).length, eventually).toBe(2)
      expect(generations.length).toBeGreaterThan(1)
      expect(new Set(generations).size).toBe(generations.length)
    })

    test('a member that still takes over what was its own before a rebalance is told what is its own now after that', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const gate = Promise.withResolvers<void>()
      const told: string[] = []
      const { subscription } = await collect(client, topic, 'taking over', {
        async onAssigned(partitions) {
          told.push(`begins with ${partitions.length}`)
          await gate.promise
          told.push(`ends with ${partitions.length}`)
        },
      })
      const all = log.partitions
      await expect.poll(() => told, eventually).toEqual([`begins with ${all}`])
      await collect(await log.client(), topic, 'taking over')
      await expect.poll(() => subscription.assigned().length, eventually).toBeLessThan(all)
      // As many questions as a member asks the log before it takes over, on the same connection.
      for (let nth = 0; nth < 3; nth += 1) await client.groupOffsets(group('taking over', topic), topic)
      gate.resolve()
      const left = subscription.assigned().length
      await expect
        .poll(() => told, eventually)
        .toEqual([`begins with ${all}`, `ends with ${all}`, `begins with ${left}`, `ends with ${left}`])
    })

    test('a follower sees what comes after it, in order, and none of what was there', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 20 }, (_, at) => record(`k${at}`, at)),
      )
      const seen: StoredRecord[] = []
      let refusals = 0
      const follower = await client.follow({
        topic,
        onFault: () => {},
        async onBatch({ records }) {
          if (refusals === 0) {
            refusals += 1
            throw new Error('Not now.')
          }
          seen.push(...records)
        },
      })
      await client.append(
        topic,
        Array.from({ length: 40 }, (_, at) => record(`k${at}`, 100 + at)),
      )
      await expect.poll(() => seen.length, eventually).toBe(40)
      expect(seen.every((one) => Number(text(one)) >= 100)).toBe(true)
      expectGapless(seen)
      await follower.stop()
      await client.append(topic, [record('a', 0)])
      expect(seen.length).toBe(40)
    })

    test('a follower that names its positions gets what it missed, and from the end where it names none', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const [named, other] = twoKeys(log.partitions)
      for (let at = 0; at < 10; at += 1) await client.append(topic, [record(named, at), record(other, at)])
      const partition = await client.partitionOf(named, topic)
      const seen: StoredRecord[] = []
      await client.follow({
        topic,
        from: new Map([[partition, 4n]]),
        onFault: () => {},
        onBatch: async ({ records }) => void seen.push(...records),
      })
      const texts = (key: string) => seen.filter((one) => one.key === key).map(text)
      await expect.poll(() => texts(named), eventually).toEqual(['4', '5', '6', '7', '8', '9'])
      await client.append(topic, [record(named, 10), record(other, 10)])
      await expect.poll(() => [texts(named).at(-1), texts(other)], eventually).toEqual(['10', ['10']])
      expectGapless(seen)
    })

    test('a follower is told when what it missed is gone, or never was', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 10 }, (_, at) => record('a', at)),
      )
      const partition = await client.partitionOf('a', topic)
      await log.trim(topic, partition, 5n)
      const follow = (offset: bigint) =>
        client.follow({
          topic,
          from: new Map([[partition, offset]]),
          onFault: () => {},
          onBatch: async () => {},
        })
      await expect(follow(4n)).rejects.toMatchObject({ code: 'POSITION_TOO_OLD' })
      await expect(follow(11n)).rejects.toMatchObject({ code: 'LOG_GAP' })
      await follow(5n)
      await follow(10n)
    })

    test('where each partition begins and ends is known, whatever retention took', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const partition = await client.partitionOf('a', topic)
      const nothing = { start: 0n, end: 0n }
      expect(await client.offsets(topic)).toEqual(Array.from({ length: log.partitions }, () => nothing))
      await client.append(
        topic,
        Array.from({ length: 5 }, (_, at) => record('a', at)),
      )
      await log.trim(topic, partition, 3n)
      expect(await client.offsets(topic)).toEqual(
        Array.from({ length: log.partitions }, (_, at) =>
          at === partition ? { start: 3n, end: 5n } : nothing,
        ),
      )
    })

    test('where a time begins is known of each partition', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const partition = await client.partitionOf('a', topic)
      const [first] = await client.append(topic, [record('a', 0)])
      const storedAt = Date.parse(first!.timestamp)
      const at = async (ms: number) => (await client.offsetsAt(topic, new Date(storedAt + ms)))[partition]
      expect(await at(0)).toBe(0n)
      expect(await at(-3_600_000)).toBe(0n)
      expect(await at(1)).toBe(1n)
      expect(await client.offsetsAt(topic, new Date(0))).toEqual(
        Array.from({ length: log.partitions }, () => 0n),
      )
    })

    test('a group that has no place in the log begins where the log began, and is told when that is gone', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(
        topic,
        Array.from({ length: 10 }, (_, at) => record('a', at)),
      )
      await log.trim(topic, await client.partitionOf('a', topic), 5n)
      const seen: StoredRecord[] = []
      const faults: Error[] = []
      await client.subscribe({
        group: group('lost', topic),
        topic,
        onFault: (error) => void faults.push(error),
        onBatch: async ({ records }) => void seen.push(...records),
      })
      await expect.poll(() => faults, eventually).toMatchObject([{ code: 'LOG_GAP' }])
      expect(seen).toEqual([])
    })

    test.for(['subscribe', 'follow'] as const)(
      'a batch that is rejected again and again is said to be stuck, and no more once it is taken: %s',
      async (way) => {
        await using log = await open()
        const { client, topic } = await begin(log)
        const partition = await client.partitionOf('a', topic)
        let isSick = true
        const told: StuckBatch[] = []
        const options = {
          topic,
          onFault: () => {},
          onStuck: (stuck: StuckBatch) => void told.push(stuck),
          async onBatch() {
            if (isSick) throw new Error('Not now.')
          },
        }
        const subscription =
          way === 'follow'
            ? await client.follow(options)
            : await client.subscribe({ ...options, group: group('sick', topic) })
        await client.append(topic, [record('a', 0)])
        await expect.poll(() => subscription.stuck(), eventually).toMatchObject([{ partition }])
        const [stuck] = subscription.stuck()
        expect(stuck!.attempts).toBeGreaterThanOrEqual(5)
        expect(Date.parse(stuck!.since)).toBeLessThanOrEqual(Date.now())
        expect(told[0]).toMatchObject({ partition, attempts: 5, error: { message: 'Not now.' } })
        isSick = false
        await expect.poll(() => subscription.stuck(), eventually).toEqual([])
      },
    )

    test('a partition whose offsets cannot be committed is said to be stuck, and no more once they are', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const partition = await client.partitionOf('a', topic)
      let isSick = true
      const told: StuckBatch[] = []
      const subscription = await client.subscribe({
        group: group('uncommitted', topic),
        topic,
        onFault: () => {},
        onStuck: (stuck) => void told.push(stuck),
        onBatch: async () => {},
        async beforeCommit() {
          if (isSick) throw new Error('Not now.')
        },
      })
      await client.append(topic, [record('a', 0)])
      await expect.poll(() => subscription.stuck(), eventually).toMatchObject([{ partition }])
      expect(told[0]).toMatchObject({ partition, attempts: 5, error: { message: 'Not now.' } })
      isSick = false
      await expect.poll(() => subscription.stuck(), eventually).toEqual([])
    })

    test.for(['onAssigned', 'resumeAt'] as const)(
      'partitions that cannot be taken over are said to be stuck, and no more once they are: %s',
      async (step) => {
        await using log = await open()
        const { client, topic } = await begin(log)
        const partitions = [...Array(log.partitions).keys()]
        let isSick = true
        const told: StuckBatch[] = []
        const seen: StoredRecord[] = []
        const subscription = await client.subscribe({
          group: group('not taken over', topic),
          topic,
          onFault: () => {},
          onStuck: (stuck) => void told.push(stuck),
          onBatch: async ({ records }) => void seen.push(...records),
          [step]: async () => {
            if (isSick) throw new Error('Not now.')
            return new Map()
          },
        })
        await client.append(topic, [record('a', 0)])
        await expect
          .poll(() => subscription.stuck().map(({ partition }) => partition), eventually)
          .toEqual(partitions)
        const partition = await client.partitionOf('a', topic)
        const lag = () => subscription.lag().find((each) => each.partition === partition)
        await expect.poll(lag, eventually).toMatchObject({ records: 1n })
        await expect.poll(() => lag()?.seconds, eventually).toBeGreaterThan(0)
        for (const { attempts, since } of subscription.stuck()) {
          expect(attempts).toBeGreaterThanOrEqual(5)
          expect(Math.abs(Date.parse(since) - Date.now())).toBeLessThan(ASSIGNED_MS)
        }
        expect(told.slice(0, log.partitions)).toMatchObject(
          partitions.map((partition) => ({ partition, attempts: 5, error: { message: 'Not now.' } })),
        )
        isSick = false
        await expect.poll(() => seen.length, eventually).toBe(1)
        expect(subscription.stuck()).toEqual([])
        expect(subscription.isReady()).toBe(true)
      },
    )

    test('a reader knows how far it is behind: in records, and in seconds of the oldest', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const partition = await client.partitionOf('a', topic)
      const gate = Promise.withResolvers<void>()
      const subscription = await client.subscribe({
        group: group('behind', topic),
        topic,
        onFault: () => {},
        onBatch: () => gate.promise,
      })
      await client.append(topic, [record('a', 0), record('a', 1)])
      await client.append(topic, [record('a', 2)])
      const lag = () => subscription.lag().find((each) => each.partition === partition)
      await expect.poll(lag, eventually).toMatchObject({ records: 3n })
      await expect.poll(() => lag()!.seconds, eventually).toBeGreaterThan(0.05)
      gate.resolve()
      await expect.poll(lag, eventually).toEqual({ partition, records: 0n, seconds: 0 })
      // Of each that the log has answered for: of a topic that is new, one may be without a leader for a moment.
      await expect
        .poll(() => subscription.lag().map((each) => each.partition), eventually)
        .toEqual([...Array(log.partitions).keys()])
    })

    test('a reader whose work is slow gets no more at once than it asked for, and goes on behind what it did', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const partition = await client.partitionOf('a', topic)
      await client.append(
        topic,
        Array.from({ length: 7 }, (_, at) => record('a', at)),
      )
      const read = async (batches: number) => {
        const taken: (readonly number[])[] = []
        const subscription = await client.subscribe({
          group: group('slow', topic),
          topic,
          batchRecordsMax: 3,
          onFault: () => {},
          async onBatch({ records, partition: of }) {
            if (of !== partition) return
            if (taken.length === batches) throw new Error('It stops here.')
            taken.push(records.map(({ offset }) => Number(offset)))
          },
        })
        await expect.poll(() => taken.length, eventually).toBe(batches)
        await subscription.stop()
        return taken
      }
      expect(await read(2)).toEqual([
        [0, 1, 2],
        [3, 4, 5],
      ])
      expect(await read(1)).toEqual([[6]])
    })

    test('a reader that gathers gets records that come within its time in one batch', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const batches: string[][] = []
      const subscription = await client.subscribe({
        group: group('gathering', topic),
        topic,
        gatherMs: 1_500,
        onFault: () => {},
        onBatch: async ({ records }) => void batches.push(records.map(text)),
      })
      await expect.poll(() => subscription.isReady(), eventually).toBe(true)
      for (let at = 0; at < 5; at += 1) await client.append(topic, [record('a', at)])
      await expect.poll(() => batches.flat().length, eventually).toBe(5)
      expect(batches).toEqual([['0', '1', '2', '3', '4']])
      await client.append(topic, [record('a', 5)])
      await expect.poll(() => batches.flat().length, eventually).toBe(6)
    })

    test('a reader with leisure gets in one batch what comes while nobody waits for it, and at once what somebody waits for', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      const batches: string[][] = []
      let isAwaited = false
      const subscription = await client.subscribe({
        group: group('leisure', topic),
        topic,
        gatherMs: 1_500,
        leisureMs: 300_000,
        isAwaited: () => isAwaited,
        onFault: () => {},
        onBatch: async ({ records }) => void batches.push(records.map(text)),
      })
      await expect.poll(() => subscription.isReady(), eventually).toBe(true)
      const waiting = () => subscription.lag().reduce((sum, { records }) => sum + Number(records), 0)
      for (let at = 0; at < 5; at += 1) await client.append(topic, [record('a', at)])
      // The log has answered with all of them.
      await expect.poll(waiting, eventually).toBe(5)
      expect(batches).toEqual([])
      isAwaited = true
      await expect.poll(() => batches, eventually).toEqual([['0', '1', '2', '3', '4']])
      await client.append(topic, [record('a', 5)])
      await expect.poll(() => batches, eventually).toHaveLength(2)
    })

    test('a reader that gathers gets at once what was in the log for longer than it gathers', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(topic, [record('a', 0)])
      const batches: string[][] = []
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
      try {
        await client.subscribe({
          group: group('late', topic),
          topic,
          gatherMs: 40_000,
          onFault: () => {},
          onBatch: async ({ records }) => void batches.push(records.map(text)),
        })
        await expect.poll(() => batches, eventually).toEqual([['0']])
      } finally {
        vi.useRealTimers()
      }
    })

    test('a log that was closed takes nothing more', async () => {
      await using log = await open()
      const { client, topic } = await begin(log)
      await client.append(topic, [record('a', 0)])
      await client.close()
      await expect(client.append(topic, [record('a', 1)])).rejects.toMatchObject({ code: 'LOG_CLOSED' })
    })
  })
}

async function begin(log: LogUnderTest): Promise<{ client: EventLog; topic: string }> {
  return { client: await log.client(), topic: await log.newTopic() }
}

/** Groups are the broker's, not the topic's: a test has its own. */
const group = (name: string, topic: string) => `${topic}.${name}`

async function collect(
  client: EventLog,
  topic: string,
  name: string,
  options: Partial<Pick<SubscribeOptions, 'onBatch' | 'onAssigned' | 'resumeAt' | 'beginAt'>> = {},
) {
  const batches: RecordBatch[] = []
  const { onBatch, ...rest } = options
  const subscription = await client.subscribe({
    group: group(name, topic),
    topic,
    onFault(error) {
      throw error
    },
    async onBatch(batch) {
      await onBatch?.(batch)
      batches.push(batch)
    },
    ...rest,
  })
  return { batches, subscription }
}

const record = (key: string, content: number) => ({ key, value: Buffer.from(String(content)) })
const text = ({ value }: StoredRecord): string => Buffer.from(value).toString()
const recordsOf = (batches: readonly RecordBatch[]): StoredRecord[] =>
  batches.flatMap(({ records }) => records)

async function everything(client: EventLog, topic: string, partitions: number): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  for (let partition = 0; partition < partitions; partition += 1)
    all.push(...(await client.read(topic, partition, 0n, await client.endOffset(topic, partition))))
  return all
}

/** Two keys of different partitions. */
function twoKeys(partitions: number): [string, string] {
  const keys = Array.from({ length: 50 }, (_, at) => `key-${at}`)
  const other = keys.find((key) => partitionOf(key, partitions) !== partitionOf(keys[0]!, partitions))
  return [keys[0]!, other!]
}

/** How many records of `other` stand in the partition of `key`, for each that is appended. */
async function sharedWith(client: EventLog, topic: string, key: string, other: string): Promise<number> {
  return (await client.partitionOf(key, topic)) === (await client.partitionOf(other, topic)) ? 1 : 0
}

function expectGapless(records: readonly StoredRecord[]): void {
  const next = new Map<number, bigint>()
  for (const { partition, offset } of records) {
    expect(offset).toBe(next.get(partition) ?? offset)
    next.set(partition, offset + 1n)
  }
}
