import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from '../back-off.ts'
import { LogClosed, LogGap, LogUnavailable, UnknownTopic } from '../errors.ts'
import type { StoredRecord } from '../log.ts'
import type { FetchedPartition } from './codecs.ts'
import { answered, codeOf, isForGood, isProtocolError } from './failure.ts'
import type { KafkaSettings } from './settings.ts'
import { ReopeningWire, type Wire } from './wire.ts'

const REQUEST_TIMEOUT_MS = 10_000
const TRY_FOR_MS = 30_000
const RETRY_PAUSE_MS = 50
const RETRY_PAUSE_MAX_MS = 1_000
const OFFSET_OUT_OF_RANGE = 1

/** Questions to the brokers outside of any group: offsets, ranges, counts. Connections are made on first use and anew after a fault. */
export class RangeReader {
  readonly #wire: ReopeningWire
  #isClosed = false

  constructor(settings: KafkaSettings, clientId: string) {
    this.#wire = new ReopeningWire(settings, clientId, REQUEST_TIMEOUT_MS)
  }

  /** Asks until it is answered or half a minute passed. @throws {LogUnavailable} */
  async ask<Answer>(question: (wire: Wire) => Promise<Answer>): Promise<Answer> {
    const since = performance.now()
    const backOff = new BackOff(RETRY_PAUSE_MS, RETRY_PAUSE_MAX_MS)
    for (;;) {
      if (this.#isClosed) throw new LogClosed()
      const wire = this.#wire.get()
      try {
        return await question(await wire)
      } catch (cause) {
        if (cause instanceof LogGap || isForGood(cause, since)) throw cause
        // Others may share the wire, and ask again on the next one.
        if (isProtocolError(cause) || cause instanceof UnknownTopic || cause instanceof NotRead)
          await wire.then((open) => open.refresh()).catch(() => {})
        else this.#wire.giveUp(wire)
        if (performance.now() + backOff.ms > since + TRY_FOR_MS)
          throw new LogUnavailable('The log did not answer. Check that the brokers are up and reachable.', {
            cause,
          })
        await delay(backOff.next())
      }
    }
  }

  async read(topic: string, partition: number, from: bigint, to: bigint): Promise<readonly StoredRecord[]> {
    const records: StoredRecord[] = []
    const end = Number(to)
    for (let next = Number(from); next < end;) {
      const fetched = await this.ask((wire) => fetchOnce(wire, topic, partition, next))
      const before = next
      for (const record of fetched.records) {
        // A fetch begins with the whole batch that holds the first offset.
        if (record.position < next) continue
        if (record.position >= end) return records
        if (record.position !== next) throw new LogGap(topic, partition, BigInt(next), record.offset)
        if (!record.isMark) records.push(record)
        next += 1
      }
      if (next === before && next >= fetched.highWatermark) break
    }
    return records
  }

  close(): void {
    this.#isClosed = true
    this.#wire.giveUp()
  }
}

/** The broker answered that it cannot read the partition now, or not as far as it goes: its leader is another one, or was just chosen. */
class NotRead extends Error {}

async function fetchOnce(
  wire: Wire,
  topic: string,
  partition: number,
  from: number,
): Promise<Pick<FetchedPartition, 'records' | 'highWatermark'>> {
  const leader = (await wire.leaders(topic)).get(partition)
  if (leader === undefined) throw new UnknownTopic(`${topic}/${partition}`)
  const [answer] = await wire.fetch(leader, {
    topic,
    partitions: [{ partition, from }],
    maxWaitMs: 0,
    minBytes: 1,
    maxBytesPerPartition: 4_194_304,
  })
  if (answer?.errorCode === 0) {
    if (answer.records.length > 0) return answer
    await assertAtEnd(wire, topic, partition, from)
    return answer
  }
  if (answer?.errorCode !== OFFSET_OUT_OF_RANGE)
    throw new NotRead(
      answer === undefined
        ? `Kafka answers nothing for ${topic}/${partition}.`
        : `Kafka answers ${codeOf(answered(answer.errorCode))} for ${topic}/${partition}.`,
    )
  // Asked beyond the end there is nothing; asked before the start, records are gone.
  const start = (await wire.offsets(topic, [partition], 'start')).get(partition) ?? 0n
  if (BigInt(from) < start) throw new LogGap(topic, partition, BigInt(from), start)
  await assertAtEnd(wire, topic, partition, from)
  return { records: [], highWatermark: from }
}

/**
 * A leader that was just chosen learns from the others how much of what it has may be read. Taken for the end, the rest would be passed over.
 * @throws {NotRead}
 */
async function assertAtEnd(wire: Wire, topic: string, partition: number, from: number): Promise<void> {
  const end = (await wire.offsets(topic, [partition], 'end')).get(partition) ?? 0n
  if (BigInt(from) < end)
    throw new NotRead(`Kafka gives nothing of ${topic}/${partition} from ${from} on, which goes to ${end}.`)
}
