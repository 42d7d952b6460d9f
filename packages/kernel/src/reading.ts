import type { EventEnvelope } from '@parley/proto/envelope'

/** What tells the place of a record in its stream. */
export interface Link {
  readonly envelope: Pick<EventEnvelope, 'streamVersion' | 'prevHash'>
  /** SHA-256 of the record. */
  readonly hash: Buffer
}

/** How far a reader is in one stream: the event it accepted last, and the record it looked at last. */
export interface Head {
  readonly version: number
  /** Of the record. */
  readonly hash: Buffer
  /** The place of the last record of the stream that was looked at, accepted or not: what comes from there or before comes again. */
  readonly offset: bigint
  /** Records that lost against an accepted one, newest last: what continues them has lost too. */
  readonly superseded: readonly Buffer[]
  /**
   * Records behind the accepted one that were left out though nobody could read them. The event that comes next tells whether they were of
   * this stream: it continues the last of those that were.
   */
  readonly leftOut?: readonly Buffer[]
}

/**
 * - `next`: to be folded.
 * - `repeat`: these very records were taken before, by their place in the log or by their bytes.
 * - `superseded`: another record was first. Counted and archived, never folded.
 * - `gap`: records that should come before it are not there. Never skipped: the reader must stop and say so.
 */
export type Verdict = 'next' | 'repeat' | 'superseded' | 'gap'

/** More writers that woke up late than this at one time are not told apart from a gap. */
const SUPERSEDED_REMEMBERED = 4
/** And so are more records in a row that nobody can read. */
const LEFT_OUT_REMEMBERED = 16

/**
 * First in the log wins. Kafka has no append-if-version, so a writer that woke up late (a zombie) may have appended
 * beside the real one. A reader accepts an event only if it is the next version AND continues the very record that
 * was accepted before it. Every reader of every service uses this one function, so that all of them see the same stream.
 *
 * @param offset The record's place in its partition; -1 where it has none yet.
 */
export function accept(head: Head | undefined, { envelope, hash }: Link, offset: bigint): Verdict {
  const { streamVersion, prevHash } = envelope
  const version = head?.version ?? 0
  if (head !== undefined && offset >= 0n && offset <= head.offset) return 'repeat'
  if (streamVersion === version && head !== undefined && head.hash.equals(hash)) return 'repeat'
  if (streamVersion <= version) return 'superseded'
  if (head?.superseded.some((lost) => lost.equals(prevHash)) === true) return 'superseded'
  if (streamVersion > version + 1) return continuesLeftOut(head, { envelope, hash }) ? 'next' : 'gap'
  const continues = head === undefined ? prevHash.length === 0 : head.hash.equals(prevHash)
  return continues ? 'next' : 'superseded'
}

/** Of the records that were left out any may be another writer's, so an event may skip no more versions than there are of them. */
function continuesLeftOut(head: Head | undefined, { envelope: { streamVersion, prevHash } }: Link): boolean {
  const { version, leftOut = [] } = head ?? { version: 0 }
  return streamVersion - version - 1 <= leftOut.length && leftOut.some((hash) => hash.equals(prevHash))
}

/** Where the stream stands after a record that was accepted as `next`. */
export function headAfter(head: Head | undefined, event: Link, offset: bigint): Head {
  return {
    version: event.envelope.streamVersion,
    hash: event.hash,
    offset,
    superseded: head?.superseded ?? [],
  }
}

/** The stream stands where it stood, and knows one more record that lost. */
export function headBeside(head: Head | undefined, lost: Link, offset: bigint): Head | undefined {
  if (head === undefined) return undefined
  return { ...head, offset, superseded: [...head.superseded, lost.hash].slice(-SUPERSEDED_REMEMBERED) }
}

/** The stream stands where it stood, and knows one more record that was left out though nobody could read it. */
export function headWithout(head: Head | undefined, hash: Buffer, offset: bigint): Head {
  const { leftOut = [], ...stands } = head ?? { version: 0, hash: Buffer.alloc(0), superseded: [] }
  return { ...stands, offset, leftOut: [...leftOut, hash].slice(-LEFT_OUT_REMEMBERED) }
}

/** Records of a stream are missing from the log, or were read past. Nothing may be folded on top of it. */
export class StreamGap extends Error {
  readonly code = 'STREAM_GAP'
  constructor(streamId: string, known: number, found: number) {
    super(
      `Stream ${streamId} goes on at version ${found}, where ${known + 1} was expected. ` +
        'Check whether the broker lost data or the topic was made anew; nothing of this stream is read until then.',
    )
  }
}
