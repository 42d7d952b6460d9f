/**
 * How far a stream is, as `Last-Event-ID` brings it back: the next offset of each partition, and within one place how much of it was
 * told. Opaque to clients; the same on every replica.
 */
export interface Cursor {
  readonly next: ReadonlyMap<number, bigint>
  /** Of the record at this partition's next offset so many events are told. */
  readonly partly?: { readonly partition: number; readonly count: number }
  /** Of what stood at this position only what began up to here is told; null: nothing yet. */
  readonly presentUpTo?: Place | null
}

export interface Place {
  readonly partition: number
  readonly offset: bigint
}

export function isAfter(one: Place, other: Place): boolean {
  return one.partition === other.partition ? one.offset > other.offset : one.partition > other.partition
}

/** Of a log with 1,024 partitions of a million million records each. */
const LENGTH_MAX = 16_384
const SHAPE =
  /^(\d{1,18}(?:\.\d{1,18})*)(?:~(\d{1,4}):(\d{1,6})|(!)r?(?:(\d{1,4}):(\d{1,18}))?)?(?:\*\d{1,15})?$/

export function positionOf({ next, partly, presentUpTo }: Cursor): string {
  const offsets = Array.from({ length: next.size }, (_, partition) => next.get(partition) ?? 0n).join('.')
  if (partly !== undefined) return `${offsets}~${partly.partition}:${partly.count}`
  if (presentUpTo === undefined) return offsets
  return presentUpTo === null
    ? beginningAt(offsets)
    : `${offsets}!${presentUpTo.partition}:${presentUpTo.offset}`
}

/** The same position for whoever begins a stream there: they are told first what stands at it. */
export const beginningAt = (position: string): string => `${position}!`

/**
 * Where a stream begins that has not been told all that stood at the cursor's position. What stands is known of this feed alone: behind
 * the cursor, it knows nothing of what began in between, which is told at its own place then.
 */
export function knownOf({ next, presentUpTo }: Cursor, feed: Cursor['next']): Cursor['next'] {
  if (presentUpTo === undefined) return next
  return new Map(
    [...next].map(([partition, offset]) => {
      const known = { partition, offset: feed.get(partition) ?? 0n }
      if (known.offset >= offset) return [partition, offset]
      if (presentUpTo === null || isAfter(known, presentUpTo)) return [partition, known.offset]
      return [partition, partition === presentUpTo.partition ? presentUpTo.offset + 1n : offset]
    }),
  )
}

/** Whether it names what stands at the end of the log or behind it, of which nobody can have been told. */
export function isBehindEnd({ next, partly }: Cursor, ends: Cursor['next']): boolean {
  const endOf = (partition: number): bigint => ends.get(partition) ?? 0n
  return (
    [...next].some(([partition, offset]) => offset > endOf(partition)) ||
    (partly !== undefined && (next.get(partly.partition) ?? 0n) >= endOf(partly.partition))
  )
}

/** How far a feed, or a stream that catches up with it, is: each event moves one of its parts, and the others are not written anew. */
export class MovingPosition {
  readonly #offsets: string[]

  constructor(next: ReadonlyMap<number, bigint>) {
    this.#offsets = Array.from({ length: next.size }, (_, partition) => String(next.get(partition) ?? 0n))
  }

  get next(): ReadonlyMap<number, bigint> {
    return new Map(this.#offsets.map((offset, partition) => [partition, BigInt(offset)]))
  }

  pass({ partition, offset }: Place): void {
    this.#offsets[partition] = String(offset + 1n)
  }

  /** As `positionOf` has it behind the first `index + 1` of the `count` events of what stands at this place. */
  behind(place: Place, index: number, count: number): string {
    const { partition, offset } = place
    const isLast = index === count - 1
    this.#offsets[partition] = String(isLast ? offset + 1n : offset)
    const offsets = this.#offsets.join('.')
    return isLast ? offsets : `${offsets}~${partition}:${index + 1}`
  }
}

/** Of the word that something was missed: another one than the `ready` that follows it, and whoever comes back with it goes on alike. */
export function refetchPositionOf(next: ReadonlyMap<number, bigint>): string {
  return `${positionOf({ next, presentUpTo: null })}r`
}

/** Undefined for whatever is no position of a log with so many partitions. */
export function cursorIn(text: string, partitionCount: number): Cursor | undefined {
  const [, offsets, ofPartition, count, present, partition, offset] =
    (text.length <= LENGTH_MAX && SHAPE.exec(text)) || []
  const next = offsets?.split('.').map((each, index) => [index, BigInt(each)] as const)
  if (next?.length !== partitionCount || Number(ofPartition ?? 0) >= partitionCount) return undefined
  // What stood at the position began before it.
  const began = partition === undefined ? undefined : next[Number(partition)]
  if (partition !== undefined && (began === undefined || BigInt(offset ?? '0') >= began[1])) return undefined
  return {
    next: new Map(next),
    ...(ofPartition !== undefined && { partly: { partition: Number(ofPartition), count: Number(count) } }),
    ...(present !== undefined && {
      presentUpTo:
        partition === undefined ? null : { partition: Number(partition), offset: BigInt(offset ?? '0') },
    }),
  }
}
