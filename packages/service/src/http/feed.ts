import { inTime } from '../in-time.ts'
import {
  type Cursor,
  MovingPosition,
  type Place,
  cursorIn,
  isAfter,
  isBehindEnd,
  knownOf,
  positionOf,
  refetchPositionOf,
} from './feed-position.ts'
import { type EventStream, frameOf } from './streams.ts'

/** What a desk is told, as an event of its stream. */
export interface Told {
  readonly event: string
  readonly data: unknown
}

/** Something that happened, at its place in the log. */
export interface Happened<Item> extends Place {
  readonly item: Item
  /** Only watchers who belong to one of these may be told of it. Undefined: anybody may. */
  readonly audience?: readonly string[]
}

export interface Watcher<Item> {
  /**
   * What this person is told of it, nothing where they may not see it. Of the same item always the same, on every replica, and the same
   * objects for all who are told the same: those are made into bytes once.
   */
  told(item: Item): readonly Told[]
  /** Those that this person belongs to. Undefined: to all. What happens for others alone costs this desk nothing. */
  readonly audiences?: ReadonlySet<string>
  /** What stands at the position of the feed, for who begins there, after `ready`: each as one event, by the place where it began. */
  present?(): readonly (Place & Told)[]
}

/** So much is kept for those who come back: at 500 events a second what a restart of this replica's clients takes, many times over. */
const KEPT_MAX = 20_000
/** A desk that has so much unread is told nothing more until it has read it, and then to fetch anew. */
const UNREAD_BYTES_MAX = 512 * 1_024
/** What was missed is told by so much at a time, as the desk reads it: all at once would look like a desk that reads nothing. */
const SLICE_BYTES = 65_536
/** What more desks than this are told at once is a change in a list that all of them see, and waits a little for the next one. */
const AT_ONCE_DESKS_MAX = 50
const GATHER_MS = 50

/** A desk that comes back waits no longer for the log to say where it ends. */
const ENDS_WITHIN_MS = 2_000

/** No position of any log. */
const NEVER_GIVEN = 'unknown'

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
 *
 * What happens costs work for the desks that may be told of it, and its bytes are made once for all that have seen all before it.
 */
export class Feed<Item> {
  readonly #kept: Happened<Item>[] = []
  /** From here on everything is kept, per partition. */
  readonly #oldest: Map<number, bigint>
  /** The next offset, per partition. */
  readonly #next: Map<number, bigint>
  readonly #position: MovingPosition
  readonly #keptMax: number
  readonly #onError: (error: unknown) => void
  readonly #desks = new Set<Desk<Item>>()
  /** Desks by the audiences that they belong to. */
  readonly #audiences = new Map<string, Set<Desk<Item>>>()
  /** Desks that belong to all audiences. */
  readonly #everywhere = new Set<Desk<Item>>()

  constructor({ from, keptMax = KEPT_MAX, onError }: FeedStart) {
    this.#oldest = new Map(from)
    this.#next = new Map(from)
    this.#position = new MovingPosition(from)
    this.#keptMax = keptMax
    this.#onError = onError
  }

  /** What the log has next, each partition in its order; what came before is passed over. */
  take(happened: readonly Happened<Item>[]): void {
    for (const one of happened) {
      if (one.offset < (this.#next.get(one.partition) ?? 0n)) continue
      this.#next.set(one.partition, one.offset + 1n)
      this.#kept.push(one)
      const desks = this.#desksOf(one)
      const frames = new Frames(this.#position, one, desks.size > AT_ONCE_DESKS_MAX ? GATHER_MS : 0)
      for (const desk of desks) this.#attempt(desk, () => desk.take(one, frames))
      this.#position.pass(one)
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

  /** Whether a stream would go on from there; else it begins at the present. */
  goesOnFrom(lastEventId: string | undefined): boolean {
    const cursor = lastEventId === undefined ? undefined : cursorIn(lastEventId, this.#next.size)
    return cursor !== undefined && this.#isKeptFrom(cursor)
  }

  /**
   * What to open a stream with. A position behind the log's end was given by another log, before this one was reset, or by nobody: its
   * stream would be told nothing, and not say so, until the log is as long. It becomes one that is no position. While the log does not say
   * where it ends, it is gone on from: so is a position of a replica that is ahead.
   * @param ends where the log ends now, per partition: asked for what is ahead of this feed, as positions of other replicas may be
   */
  async given(
    lastEventId: string | undefined,
    ends: () => Promise<ReadonlyMap<number, bigint>>,
  ): Promise<string | undefined> {
    const cursor = lastEventId === undefined ? undefined : cursorIn(lastEventId, this.#next.size)
    if (cursor === undefined || !isBehindEnd(cursor, this.#next)) return lastEventId
    const asked = await inTime(ends(), ENDS_WITHIN_MS).catch(() => 'late' as const)
    return asked !== 'late' && isBehindEnd(cursor, asked) ? NEVER_GIVEN : lastEventId
  }

  /**
   * Begins a stream.
   * @param lastEventId of the request's header, as `given` has it; undefined begins at the present
   * @returns what ends it
   */
  open(stream: EventStream, lastEventId: string | undefined, watcher: Watcher<Item>): () => void {
    const desk = new Desk(stream, watcher, {
      next: this.#next,
      since: (next) => this.#since(next),
      attempt: (act) => this.#attempt(desk, act),
    })
    if (lastEventId === undefined) desk.beginAnew()
    else {
      const cursor = cursorIn(lastEventId, this.#next.size)
      if (cursor === undefined) desk.missed('position_unknown', NEVER_GIVEN)
      else if (this.#isKeptFrom(cursor)) desk.resume(cursor)
      else desk.missed('position_too_old', positionOf(cursor))
    }
    this.#desks.add(desk)
    const places = this.#placesOf(watcher)
    for (const place of places) place.add(desk)
    return () => {
      this.#desks.delete(desk)
      for (const place of places) place.delete(desk)
    }
  }

  #placesOf({ audiences }: Watcher<Item>): readonly Set<Desk<Item>>[] {
    if (audiences === undefined) return [this.#everywhere]
    return [...audiences].map((name) => {
      const known = this.#audiences.get(name)
      if (known !== undefined) return known
      const made = new Set<Desk<Item>>()
      this.#audiences.set(name, made)
      return made
    })
  }

  #desksOf({ audience }: Happened<Item>): ReadonlySet<Desk<Item>> {
    if (audience === undefined) return this.#desks
    const sets = [this.#everywhere, ...audience.flatMap((name) => this.#audiences.get(name) ?? [])].filter(
      ({ size }) => size > 0,
    )
    return sets.length === 1 ? sets[0]! : new Set(sets.flatMap((desks) => [...desks]))
  }

  /** A view that fails costs its own desk the stream, and nobody else anything. */
  #attempt(desk: Desk<Item>, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#desks.delete(desk)
      for (const desks of [this.#everywhere, ...this.#audiences.values()]) desks.delete(desk)
      desk.end()
      this.#onError(error)
    }
  }

  #isKeptFrom({ next }: Cursor): boolean {
    return [...next].every(([partition, offset]) => offset >= (this.#oldest.get(partition) ?? 0n))
  }

  /**
   * What came since, undefined where it is not all kept. From the newest back, until each partition is where the cursor has it: mostly
   * that is near.
   */
  #since(next: ReadonlyMap<number, bigint>): readonly Happened<Item>[] | undefined {
    if (!this.#isKeptFrom({ next })) return undefined
    const missed: Happened<Item>[] = []
    const behind = new Set(
      [...next].flatMap(([partition, offset]) =>
        offset < (this.#next.get(partition) ?? 0n) ? [partition] : [],
      ),
    )
    for (let index = this.#kept.length - 1; index >= 0 && behind.size > 0; index -= 1) {
      const one = this.#kept[index]!
      const { partition, offset } = one
      if (!behind.has(partition)) continue
      if (offset < (next.get(partition) ?? 0n)) behind.delete(partition)
      else missed.push(one)
    }
    return missed.toReversed()
  }
}

/** What is told, as bytes without an id: made once, for all desks that are told it, now or when they come back. */
const bodies = new WeakMap<Told, Buffer>()

function bodyOf(told: Told): Buffer {
  const known = bodies.get(told)
  if (known !== undefined) return known
  const body = frameOf(told.event, told.data)
  bodies.set(told, body)
  return body
}

/** What is told of one item, made once for all desks that have seen all before it. */
class Frames {
  readonly #position: MovingPosition
  readonly #place: Place
  readonly #made = new Map<Told, Buffer>()
  /** How long they may wait for what comes behind them. */
  readonly withinMs: number

  /** @param position up to this item */
  constructor(position: MovingPosition, place: Place, withinMs: number) {
    this.#position = position
    this.#place = place
    this.withinMs = withinMs
  }

  /** @param index of so many that the desk is told of this item */
  of(told: Told, index: number, count: number): Buffer {
    const isAlone = count === 1
    const made = isAlone ? this.#made.get(told) : undefined
    if (made !== undefined) return made
    const id = Buffer.from(`id: ${this.#position.behind(this.#place, index, count)}\n`)
    const frame = Buffer.concat([id, bodyOf(told)])
    if (isAlone) this.#made.set(told, frame)
    return frame
  }
}

/** What a desk needs of its feed. */
interface Source<Item> {
  /** How far the feed is, and each desk but for what it is ahead of it. */
  readonly next: ReadonlyMap<number, bigint>
  since(next: ReadonlyMap<number, bigint>): readonly Happened<Item>[] | undefined
  /** Ends the stream of a desk whose view fails. */
  attempt(act: () => void): void
}

/** One stream and how far it is. */
class Desk<Item> {
  readonly #stream: EventStream
  readonly #watcher: Watcher<Item>
  readonly #feed: Source<Item>
  /** The next offsets of partitions in which another replica, or an answer, had brought it further than this feed is. */
  readonly #ahead = new Map<number, bigint>()
  /** Of the record at this place so many events were told before the stream broke. */
  #partly: (Place & { readonly count: number }) | undefined
  /** It is told nothing of what happens until it has read what it was told. */
  #isBehind = false

  constructor(stream: EventStream, watcher: Watcher<Item>, feed: Source<Item>) {
    this.#stream = stream
    this.#watcher = watcher
    this.#feed = feed
  }

  beginAnew(): void {
    this.#ahead.clear()
    this.resume({ next: new Map(this.#feed.next), presentUpTo: null })
  }

  /** @param cursor from which on everything is kept */
  resume(cursor: Cursor): void {
    const { partly, presentUpTo } = cursor
    const next = knownOf(cursor, this.#feed.next)
    const position = positionOf({ next })
    // What began since comes at its own place.
    const standing = (presentUpTo === undefined ? [] : (this.#watcher.present?.() ?? []))
      .filter(({ partition, offset }) => offset < (next.get(partition) ?? 0n))
      .filter((place) => presentUpTo === null || presentUpTo === undefined || isAfter(place, presentUpTo))
      .toSorted((one, other) => (isAfter(one, other) ? 1 : -1))
    this.#stream.send(
      'ready',
      { position },
      standing.length === 0 && !partly ? position : positionOf({ ...cursor, next }),
    )
    for (const [index, { event, data, partition, offset }] of standing.entries()) {
      const isLast = index === standing.length - 1
      this.#stream.send(
        event,
        data,
        isLast ? position : positionOf({ next, presentUpTo: { partition, offset } }),
      )
    }
    this.#partly = partly && { ...partly, offset: next.get(partly.partition) ?? 0n }
    this.#goOn(new MovingPosition(next))
  }

  /** With what came since, until there is no more of it: what happens meanwhile is part of that. */
  #goOn(seen: MovingPosition): void {
    this.#isBehind = true
    const missed = this.#feed.since(seen.next)
    if (missed === undefined) this.#refetch('too_slow')
    else if (missed.length > 0) this.#replay(missed, 0, seen)
    else {
      this.#isBehind = false
      for (const [partition, offset] of seen.next)
        if (offset > (this.#feed.next.get(partition) ?? 0n)) this.#ahead.set(partition, offset)
    }
  }

  #replay(missed: readonly Happened<Item>[], from: number, seen: MovingPosition): void {
    let bytes = 0
    for (let index = from; index < missed.length; index += 1) {
      const one = missed[index]!
      if (bytes > SLICE_BYTES) {
        this.#onceRead(() => this.#replay(missed, index, seen))
        return
      }
      if (this.#mayHear(one)) bytes += this.#tell(one, new Frames(seen, one, GATHER_MS))
      // Also past what is not for this desk: an event has the id that it had when it came.
      seen.pass(one)
    }
    this.#stream.flush()
    this.#goOn(seen)
  }

  /** @param came the position that cannot be gone on from: until it was told so, it comes back with that one */
  missed(reason: 'position_too_old' | 'position_unknown', came: string): void {
    this.#stream.send('ready', { position: came }, came)
    this.#refetch(reason)
  }

  #refetch(reason: 'position_too_old' | 'position_unknown' | 'too_slow'): void {
    this.#stream.send('refetch', { reason }, refetchPositionOf(this.#feed.next))
    this.beginAnew()
  }

  end(): void {
    this.#stream.end()
  }

  take(one: Happened<Item>, frames: Frames): void {
    const { partition, offset } = one
    if (offset < (this.#ahead.get(partition) ?? 0n) || this.#isTooSlow()) return
    this.#tell(one, this.#ahead.size === 0 ? frames : new Frames(this.#ownPosition(), one, frames.withinMs))
  }

  #mayHear({ audience }: Happened<Item>): boolean {
    const { audiences } = this.#watcher
    return audiences === undefined || audience === undefined || audience.some((name) => audiences.has(name))
  }

  /** Told nothing more until it has read what it was told, and then to fetch anew. */
  #isTooSlow(): boolean {
    if (!this.#isBehind && this.#stream.unreadBytes > UNREAD_BYTES_MAX) {
      this.#isBehind = true
      this.#onceRead(() => this.#refetch('too_slow'))
    }
    return this.#isBehind
  }

  #onceRead(act: () => void): void {
    this.#stream.onceRead(() => this.#feed.attempt(act))
  }

  /** Of a desk that is ahead of the feed somewhere. */
  #ownPosition(): MovingPosition {
    for (const [partition, offset] of this.#ahead)
      if (offset <= (this.#feed.next.get(partition) ?? 0n)) this.#ahead.delete(partition)
    return new MovingPosition(new Map([...this.#feed.next, ...this.#ahead]))
  }

  /** @returns how many bytes it was */
  #tell(one: Happened<Item>, frames: Frames): number {
    const told = this.#watcher.told(one.item)
    const partly = this.#partly?.partition === one.partition ? this.#partly : undefined
    if (partly !== undefined) this.#partly = undefined
    // What another replica made nothing of is no part of what came behind it.
    const skipped = partly?.offset === one.offset ? partly.count : 0
    let bytes = 0
    for (const [index, each] of told.entries()) {
      if (index < skipped) continue
      const frame = frames.of(each, index, told.length)
      this.#stream.sendFrame(frame, frames.withinMs)
      bytes += frame.length
    }
    return bytes
  }
}
