import {
  PositionTooOld,
  type EventLog,
  type FollowerOptions,
  type Wanted,
  runFollower,
} from '@parley/eventlog'
import type { Message, TypeOf } from '@parley/kernel'
import { type Cursor, type Place, cursorIn, isAfter, positionOf, refetchPositionOf } from './feed-position.ts'
import type { EventStream } from './http-streams.ts'
import type { Resource } from './lifecycle.ts'

/** What a desk is told, as an event of its stream. */
export interface Told {
  readonly event: string
  readonly data: unknown
}

/** Something that happened, at its place in the log. */
export interface Happened<Item> extends Place {
  readonly item: Item
}

export interface Watcher<Item> {
  /** What this person is told of it, nothing where they may not see it. Of the same item always the same, on every replica. */
  told(item: Item): readonly Told[]
  /** What stands at the position of the feed, for who begins there, after `ready`: each as one event, by the place where it began. */
  present?(): readonly (Place & Told)[]
}

/** So much is kept for those who come back: at 500 events a second what a restart of this replica's clients takes, many times over. */
const KEPT_MAX = 20_000
/** A desk that has so much unread is told nothing more until it has read it, and then to fetch anew. */
const UNREAD_BYTES_MAX = 512 * 1_024

export interface FeedStart {
  /** The offset of the first record that it will be given, for each partition of the topic. */
  readonly from: ReadonlyMap<number, bigint>
  readonly keptMax?: number
  /** A desk's view failed, and its stream was ended. */
  onError(error: unknown): void
}

/**
 * What happens, for many desks at once. Each stream begins with `ready { position }`; every event has an id, and whoever comes back with
 * it as `Last-Event-ID`, to any replica, gets exactly the next, once. Who was away too long, or reads too slowly, gets
 * `refetch { reason }` (`position_too_old`, `position_unknown`, `too_slow`) and goes on from a new `ready`: nobody waits for them.
 */
export class Feed<Item> {
  readonly #kept: Happened<Item>[] = []
  /** From here on everything is kept, per partition. */
  readonly #oldest: Map<number, bigint>
  /** The next offset, per partition. */
  readonly #next: Map<number, bigint>
  readonly #keptMax: number
  readonly #onError: (error: unknown) => void
  readonly #desks = new Set<Desk<Item>>()

  constructor({ from, keptMax = KEPT_MAX, onError }: FeedStart) {
    this.#oldest = new Map(from)
    this.#next = new Map(from)
    this.#keptMax = keptMax
    this.#onError = onError
  }

  /** What the log has next, each partition in its order; what came before is passed over. */
  take(happened: readonly Happened<Item>[]): void {
    for (const one of happened) {
      if (one.offset < (this.#next.get(one.partition) ?? 0n)) continue
      this.#next.set(one.partition, one.offset + 1n)
      this.#kept.push(one)
      for (const desk of this.#desks) this.#tell(desk, one)
    }
    // A quarter at a time: to move all for each would cost more than to keep them.
    if (this.#kept.length > this.#keptMax * 1.25)
      for (const { partition, offset } of this.#kept.splice(0, this.#kept.length - this.#keptMax))
        this.#oldest.set(partition, offset + 1n)
  }

  /** After all that this replica has seen, or also after a decision that it may not have seen yet: for `position` in answers. */
  position(decided?: Place): string {
    const next = new Map(this.#next)
    if (decided !== undefined && decided.offset >= (next.get(decided.partition) ?? 0n))
      next.set(decided.partition, decided.offset + 1n)
    return positionOf({ next })
  }

  /**
   * Begins a stream.
   * @param lastEventId of the request's header; undefined begins at the present
   * @returns what ends it
   */
  open(stream: EventStream, lastEventId: string | undefined, watcher: Watcher<Item>): () => void {
    const desk = new Desk(stream, watcher, () => new Map(this.#next))
    if (lastEventId === undefined) desk.beginAnew()
    else {
      const cursor = cursorIn(lastEventId, this.#next.size)
      if (cursor === undefined) desk.missed('position_unknown', 'unknown')
      else if (this.#isKeptFrom(cursor)) desk.resume(cursor, this.#kept)
      else desk.missed('position_too_old', positionOf(cursor))
    }
    this.#desks.add(desk)
    return () => void this.#desks.delete(desk)
  }

  /** A view that fails costs its own desk the stream, and nobody else anything. */
  #tell(desk: Desk<Item>, one: Happened<Item>): void {
    try {
      desk.take(one)
    } catch (error) {
      this.#desks.delete(desk)
      desk.end()
      this.#onError(error)
    }
  }

  #isKeptFrom({ next }: Cursor): boolean {
    return [...next].every(([partition, offset]) => offset >= (this.#oldest.get(partition) ?? 0n))
  }
}

/** One stream and how far it is. */
class Desk<Item> {
  readonly #stream: EventStream
  readonly #watcher: Watcher<Item>
  readonly #present: () => Map<number, bigint>
  #next: Map<number, bigint>
  /** Of the record at this place so many events were told before the stream broke. */
  #partly: Cursor['partly']
  #isBehind = false

  constructor(stream: EventStream, watcher: Watcher<Item>, present: () => Map<number, bigint>) {
    this.#stream = stream
    this.#watcher = watcher
    this.#present = present
    this.#next = present()
  }

  beginAnew(): void {
    this.resume({ next: this.#present(), presentUpTo: null }, [])
  }

  resume(cursor: Cursor, kept: readonly Happened<Item>[]): void {
    const { next, partly, presentUpTo } = cursor
    const position = positionOf({ next })
    // What began since comes at its own place.
    const standing = (presentUpTo === undefined ? [] : (this.#watcher.present?.() ?? []))
      .filter(({ partition, offset }) => offset < (next.get(partition) ?? 0n))
      .filter((place) => presentUpTo === null || presentUpTo === undefined || isAfter(place, presentUpTo))
      .toSorted((one, other) => (isAfter(one, other) ? 1 : -1))
    this.#stream.send('ready', { position }, standing.length === 0 && !partly ? position : positionOf(cursor))
    for (const [index, { event, data, partition, offset }] of standing.entries()) {
      const isLast = index === standing.length - 1
      this.#stream.send(
        event,
        data,
        isLast ? position : positionOf({ next, presentUpTo: { partition, offset } }),
      )
    }
    this.#next = new Map(next)
    this.#partly = partly
    for (const one of kept) this.take(one)
  }

  /** @param came the position that cannot be gone on from: until it was told so, it comes back with that one */
  missed(reason: 'position_too_old' | 'position_unknown', came: string): void {
    this.#stream.send('ready', { position: came }, came)
    this.#refetch(reason)
  }

  #refetch(reason: 'position_too_old' | 'position_unknown' | 'too_slow'): void {
    this.#stream.send('refetch', { reason }, refetchPositionOf(this.#present()))
    this.beginAnew()
  }

  end(): void {
    this.#stream.end()
  }

  take({ partition, offset, item }: Happened<Item>): void {
    if (this.#isBehind || offset < (this.#next.get(partition) ?? 0n)) return
    if (this.#stream.unreadBytes > UNREAD_BYTES_MAX) {
      this.#isBehind = true
      this.#stream.onceRead(() => {
        this.#isBehind = false
        this.#refetch('too_slow')
      })
      return
    }
    const told = this.#watcher.told(item)
    const isPartly = this.#partly?.partition === partition
    // What another replica made nothing of is no part of what came behind it.
    const skipped = isPartly && this.#next.get(partition) === offset ? this.#partly!.count : 0
    if (isPartly) this.#partly = undefined
    // Most desks are told nothing of most items: those cost no copy of the cursor and no id.
    for (const [index, { event, data }] of told.entries()) {
      if (index < skipped) continue
      const isLast = index === told.length - 1
      this.#next.set(partition, isLast ? offset + 1n : offset)
      const cursor = isLast
        ? { next: this.#next }
        : { next: this.#next, partly: { partition, count: index + 1 } }
      this.#stream.send(event, data, positionOf(cursor))
    }
    this.#next.set(partition, offset + 1n)
  }
}

export interface FollowedFeed<Item> extends Resource {
  readonly feed: Feed<Item>
}

export interface FeedOptions<Event extends Message, Type extends TypeOf<Event>, Item> extends Pick<
  FollowerOptions<Event, Type>,
  'topics' | 'types' | 'onUnreadable' | 'onFault'
> {
  readonly log: EventLog
  /** What of an event the desks' views are made of; undefined: none of them is told. */
  itemOf(event: Wanted<Event, Type>): Item | undefined
  readonly keptMax?: number
  onError(error: unknown): void
}

/**
 * A feed of a family's events that follows the log once for all desks of this replica. It begins a little before the end, so that after
 * a restart desks go on where they were.
 */
export async function followFeed<Event extends Message, Type extends TypeOf<Event>, Item>(
  options: FeedOptions<Event, Type, Item>,
): Promise<FollowedFeed<Item>> {
  const { log, topics, itemOf, keptMax = KEPT_MAX, onError, ...rest } = options
  const partitions = [...Array(await log.partitionCount(topics.events)).keys()]
  const ends = new Map(
    await Promise.all(
      partitions.map(
        async (partition) => [partition, await log.endOffset(topics.events, partition)] as const,
      ),
    ),
  )
  const each = BigInt(Math.ceil(keptMax / partitions.length))
  const before = new Map([...ends].map(([partition, end]) => [partition, end > each ? end - each : 0n]))
  const following = async (from: ReadonlyMap<number, bigint>) => {
    const feed = new Feed<Item>({ from, keptMax, onError })
    const follower = await runFollower<Event, Type>({
      ...rest,
      log,
      topics,
      from,
      onEvents: (events) =>
        feed.take(
          events.flatMap((event) => {
            const item = itemOf(event)
            return item === undefined ? [] : [{ ...event.record, item }]
          }),
        ),
    })
    return { name: 'feed', feed, isReady: () => follower.isReady(), close: () => follower.stop() }
  }
  try {
    return await following(before)
  } catch (error) {
    if (!(error instanceof PositionTooOld)) throw error
    return following(ends)
  }
}
