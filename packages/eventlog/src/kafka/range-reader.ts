import { setTimeout as delay } from 'node:timers/promises'
import { LogClosed, LogGap, LogUnavailable, UnknownTopic } from '../errors.ts'
import type { FollowOptions, StoredRecord, Subscription } from '../log.ts'
import { storedRecord } from './records.ts'
import type { KafkaSettings } from './settings.ts'
import { type FetchedPartition, type Wire, isMissingForGood, isProtocolError, openWire } from './wire.ts'

const REQUEST_TIMEOUT_MS = 10_000
const TRY_FOR_MS = 30_000
const OFFSET_OUT_OF_RANGE = 'OFFSET_OUT_OF_RANGE'

/** Questions to the brokers outside of any group: offsets, ranges, counts. Connections are made on first use and anew after a fault. */
export interface RangeReader {
  /** Asks until it is answered or half a minute passed. */
  ask<Answer>(question: (wire: Wire) => Promise<Answer>): Promise<Answer>
  read(topic: string, partition: number, from: bigint, to: bigint): Promise<readonly StoredRecord[]>
  close(): void
}

export function openRangeReader(settings: KafkaSettings, clientId: string): RangeReader {
  let wire: Promise<Wire> | undefined
  let closed = false

  const ask = async <Answer>(question: (wire: Wire) => Promise<Answer>): Promise<Answer> => {
    const deadline = Date.now() + TRY_FOR_MS
    for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
      if (closed) throw new LogClosed()
      const current = (wire ??= openWire(settings, clientId, REQUEST_TIMEOUT_MS))
      try {
        return await question(await current)
      } catch (cause) {
        if (cause instanceof LogGap || isMissingForGood(cause, deadline - TRY_FOR_MS)) throw cause
        // Others may share the wire, and ask again on the next one.
        if (isProtocolError(cause) || cause instanceof UnknownTopic)
          await current.then((open) => open.refresh()).catch(() => {})
        else {
          void current.then((open) => open.destroy()).catch(() => {})
          if (wire === current) wire = undefined
        }
        if (Date.now() + pause > deadline)
          throw new LogUnavailable('The log did not answer. Check that the brokers are up and reachable.', {
            cause,
          })
        await delay(pause)
      }
    }
  }

  const read = async (
    topic: string,
    partition: number,
    from: bigint,
    to: bigint,
  ): Promise<readonly StoredRecord[]> => {
    const records: StoredRecord[] = []
    let next = from
    while (next < to) {
      const fetched = await ask(async (current) => {
        const leader = (await current.leaders(topic)).get(partition)
        if (leader === undefined) throw new UnknownTopic(`${topic}/${partition}`)
        const request = {
          topic,
          partitions: [{ partition, from: next }],
          maxWaitMs: 0,
          maxBytesPerPartition: 4_194_304,
        }
        const [answer] = await current.fetch(leader, request).catch(async (error: unknown) => {
          // Asked beyond the end there is nothing; asked before the start, records are gone.
          if (typeOf(error) !== OFFSET_OUT_OF_RANGE) return staleLeader(current, error)
          const start = (await current.offsets(topic, [partition], 'start')).get(partition) ?? 0n
          if (next < start) throw new LogGap(topic, partition, next, start)
          return [] as readonly FetchedPartition[]
        })
        return answer
      })
      if (fetched === undefined) break
      const before = next
      for (const message of fetched.messages) {
        const record = storedRecord(topic, partition, message)
        // A fetch begins with the whole batch that holds the first offset.
        if (record.offset < next) continue
        if (record.offset >= to) return records
        if (record.offset !== next) throw new LogGap(topic, partition, next, record.offset)
        records.push(record)
        next = record.offset + 1n
      }
      if (next === before && next >= fetched.highWatermark) break
    }
    return records
  }

  return {
    ask,
    read,
    close() {
      closed = true
      void wire?.then((open) => open.destroy()).catch(() => {})
    },
  }
}

/** Watches all partitions from their present end, in no group. */
export async function followTopic(
  settings: KafkaSettings,
  clientId: string,
  { topic, onBatch, onFault }: FollowOptions,
  ends: ReadonlyMap<number, bigint>,
): Promise<Subscription> {
  const next = new Map(ends)
  let stopped = false
  let wire: Promise<Wire> | undefined

  const deliver = async ({ partition, messages }: FetchedPartition): Promise<void> => {
    const expected = next.get(partition)!
    const records = messages
      .map((message) => storedRecord(topic, partition, message))
      .filter(({ offset }) => offset >= expected)
    const [first] = records
    if (first === undefined) return
    if (first.offset !== expected) throw new LogGap(topic, partition, expected, first.offset)
    for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
      try {
        await onBatch({
          topic,
          partition,
          records,
          generation: 1,
          isOwned: () => !stopped,
          heartbeat: async () => {},
        })
        break
      } catch (error) {
        if (stopped) return
        settings.log?.('warn', 'A batch of a live reader was rejected and comes again.', {
          topic,
          partition,
          code: codeOf(error),
        })
        await delay(pause)
      }
    }
    next.set(partition, records.at(-1)!.offset + 1n)
  }

  const watch = async (): Promise<void> => {
    let pause = 50
    for (;;) {
      if (stopped) return
      const current = (wire ??= openWire(settings, clientId, REQUEST_TIMEOUT_MS))
      try {
        const open = await current
        const perLeader = new Map<number, { partition: number; from: bigint }[]>()
        for (const [partition, leader] of await open.leaders(topic)) {
          // A partition that was added later begins at its start.
          const entry = { partition, from: next.get(partition) ?? 0n }
          next.set(partition, entry.from)
          perLeader.set(leader, [...(perLeader.get(leader) ?? []), entry])
        }
        await Promise.all(
          [...perLeader].map(async ([leader, partitions]) => {
            const request = { topic, partitions, maxWaitMs: 250, maxBytesPerPartition: 1_048_576 }
            const fetched = await open
              .fetch(leader, request)
              .catch((error: unknown) => staleLeader(open, error))
            await Promise.all(fetched.map(deliver))
          }),
        )
        pause = 50
      } catch (error) {
        if (stopped) return
        if (error instanceof LogGap || error instanceof UnknownTopic) throw error
        if (typeOf(error) === OFFSET_OUT_OF_RANGE)
          throw new LogGap(topic, (error as { partition?: number }).partition ?? -1, -1n, -1n)
        if (isProtocolError(error)) await current.then((open) => open.refresh()).catch(() => {})
        else {
          void current.then((open) => open.destroy()).catch(() => {})
          if (wire === current) wire = undefined
        }
        await delay(pause)
        pause = Math.min(pause * 2, 1_000)
      }
    }
  }

  const running = watch().catch((error: unknown) => onFault(error as Error))
  return {
    assigned: () => (stopped ? [] : [...next.keys()].sort((left, right) => left - right)),
    isReady: () => !stopped,
    async stop() {
      stopped = true
      await running
      void wire?.then((open) => open.destroy()).catch(() => {})
    },
  }
}

/** The leader moved: look anew before the next try. */
async function staleLeader(wire: Wire, error: unknown): Promise<never> {
  if (typeOf(error) !== undefined) await wire.refresh().catch(() => {})
  throw error
}

function typeOf(error: unknown): string | undefined {
  return (error as { type?: string }).type
}

export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
