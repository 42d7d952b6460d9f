import {
  type Family,
  type Head,
  type Message,
  type RecordedEvent,
  StreamGap,
  type TypeOf,
  accept,
  eventIn,
  headAfter,
  headBeside,
  headWithout,
  sha256,
} from '@parley/kernel'
import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { EventLog, RecordBatch, StoredRecord, Subscription } from '../log.ts'
import type { ReadEvent } from './batch.ts'
import { FaultSearch } from './fault-search.ts'
import { countingGaps, observed } from './metrics.ts'
import type { StuckReader, Wanted } from './reader.ts'

export interface FollowerOptions<Event extends Message, Type extends TypeOf<Event>> {
  /** In metrics, logs and what operators are shown. */
  readonly name: string
  readonly log: EventLog
  readonly topics: { readonly family: Family<any, Event>; readonly events: string }
  /** Only these are decoded and handed over. */
  readonly types: readonly Type[]
  /** The offset of the next record, per partition: exactly what was missed since is replayed. Default: the end of each partition. */
  readonly from?: 'end' | ReadonlyMap<number, bigint>
  /** Each partition's in log order, one call of a partition at a time. Rejects: they come again. */
  onEvents(events: readonly ReadEvent<Wanted<Event, Type>>[]): void | Promise<void>
  /** Its bytes cannot be read. Whoever only watches goes on; readers that keep something park the stream. */
  onUnreadable?(record: StoredRecord, error: unknown): void
  /** Who watches hears nothing more of the partition: its batch was rejected five times in a row, and again whenever that number doubled. */
  onStuck(stuck: StuckReader): void
  onFault(error: Error): void
}

export interface Follower extends Subscription {
  /** The offset of the next record, per partition: where another follower goes on. */
  positions(): ReadonlyMap<number, bigint>
}

/** A stream, and whether it was seen from its first event on. */
interface Followed {
  readonly head: Head
  readonly isWhole: boolean
}

/** Streams remembered. One that was forgotten is met in the middle when it comes again. */
const STREAMS_REMEMBERED_MAX = 20_000

/**
 * Watches the log, in no group and with nothing stored: for live screens.
 * @throws {PositionTooOld} the log no longer holds what was missed: read the present state and follow from the end.
 * @throws {LogGap} a position beyond the end, of another log
 */
export async function runFollower<Event extends Message, Type extends TypeOf<Event>>(
  options: FollowerOptions<Event, Type>,
): Promise<Follower> {
  const { name, log, topics, onStuck } = options
  const onFault = countingGaps(name, options.onFault)
  const from = await startOf(options)
  const view = new Following({ ...options, onFault }, from)
  const faults = new FaultSearch()
  const subscription = await log.follow({
    topic: topics.events,
    from,
    onBatch: ({ partition, records }) =>
      faults.handle(records, (some) => view.handle({ partition, records: some })),
    onStuck: (stuck) => onStuck(faults.named(stuck)),
    onFault,
  })
  return { ...observed(name, subscription, faults), positions: () => view.positions }
}

/** By number where it said `end`: whoever goes on from its positions must not miss what came before the first event it saw. */
async function startOf({
  log,
  topics,
  from = 'end',
}: Pick<FollowerOptions<any, any>, 'log' | 'topics' | 'from'>): Promise<ReadonlyMap<number, bigint>> {
  const offsets = await log.offsets(topics.events)
  return new Map(
    offsets.map(({ end }, partition) => [
      partition,
      (from === 'end' ? undefined : from.get(partition)) ?? end,
    ]),
  )
}

class Following<Event extends Message, Type extends TypeOf<Event>> {
  readonly #options: FollowerOptions<Event, Type>
  readonly #types: ReadonlySet<string>
  readonly #streams = new LRUCache<string, Followed>(atMost(STREAMS_REMEMBERED_MAX))
  readonly #positions: Map<number, bigint>

  constructor(options: FollowerOptions<Event, Type>, from: ReadonlyMap<number, bigint>) {
    this.#options = options
    this.#types = new Set<string>(options.types)
    this.#positions = new Map(from)
  }

  get positions(): ReadonlyMap<number, bigint> {
    return this.#positions
  }

  async handle({ partition, records }: Pick<RecordBatch, 'partition' | 'records'>): Promise<void> {
    const { topics, onEvents, onUnreadable, onFault } = this.#options
    const events: ReadEvent<Wanted<Event, Type>>[] = []
    // What comes again because it was not taken must not count as seen.
    const streams = new Map<string, Followed>()
    for (const record of records) {
      const followed = streams.get(record.key) ?? this.#streams.get(record.key)
      let event: RecordedEvent
      try {
        event = eventIn(record)
      } catch (error) {
        // Nobody waits for an operator here: what comes next goes on with or without it.
        if (followed !== undefined)
          streams.set(record.key, {
            ...followed,
            head: headWithout(followed.head, sha256(record.value), record.offset),
          })
        onUnreadable?.(record, error)
        continue
      }
      try {
        const { isNext, stream } = follow(followed, event, record)
        if (stream !== undefined) streams.set(record.key, stream)
        if (!isNext || !this.#types.has(event.envelope.type)) continue
        const decoded = topics.family.readEvent(event.envelope)
        events.push({ ...decoded, ...event, record, traceparent: event.envelope.traceparent } as never)
      } catch (error) {
        if (error instanceof StreamGap) {
          onFault(error)
          throw error
        }
        onUnreadable?.(record, error)
      }
    }
    if (events.length > 0) await onEvents(events)
    for (const [streamId, stream] of streams) this.#streams.set(streamId, stream)
    this.#positions.set(partition, records.at(-1)!.offset + 1n)
  }
}

/**
 * First in the log wins. A stream that is met in the middle is taken as it comes: which of two records with one version was first, the
 * log says before the place where this began. There only the version counts, so that at the worst something that lost is shown, and what
 * is newer always follows.
 * @throws {StreamGap} in a stream that was seen from its first event on
 */
function follow(
  followed: Followed | undefined,
  event: RecordedEvent,
  { key, offset }: StoredRecord,
): { readonly isNext: boolean; readonly stream: Followed | undefined } {
  const { streamVersion, prevHash } = event.envelope
  const head = followed?.head
  const isWhole = followed?.isWhole ?? (streamVersion === 1 && prevHash.length === 0)
  const taken = { isNext: true, stream: { head: headAfter(head, event, offset), isWhole } }
  if (!isWhole) return streamVersion > (head?.version ?? 0) ? taken : { isNext: false, stream: followed }
  switch (accept(head, event, offset)) {
    case 'next':
      return taken
    case 'repeat':
      return { isNext: false, stream: followed }
    case 'superseded': {
      const beside = headBeside(head, event, offset)
      return { isNext: false, stream: beside === undefined ? followed : { head: beside, isWhole } }
    }
    case 'gap':
      throw new StreamGap(key, head?.version ?? 0, streamVersion)
  }
}
