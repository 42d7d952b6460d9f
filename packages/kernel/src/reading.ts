import type { RecordedEvent } from './envelope.ts'

/** How far a reader is in one stream: the version it accepted last, and the hash of that record. */
export interface Head {
  readonly version: number
  readonly hash: Buffer
}

/**
 * First in the log wins. Kafka has no append-if-version, so a writer that woke up late (a zombie) may have appended
 * beside the real one. A reader accepts an event only if it is the next version AND continues the very record that
 * was accepted before it; it ignores a repeat; all else is superseded: counted, archived, never folded.
 * Every reader of every service uses this one function, so that all of them see the same stream.
 */
export function accept(head: Head | undefined, event: RecordedEvent): 'next' | 'repeat' | 'superseded' {
  const { streamVersion, prevHash } = event.envelope
  const version = head?.version ?? 0
  if (streamVersion === version + 1) return sameBytes(prevHash, head?.hash) ? 'next' : 'superseded'
  if (streamVersion === version && head !== undefined)
    return sameBytes(event.hash, head.hash) ? 'repeat' : 'superseded'
  // An older version whose hash is no longer at hand: folded long ago, or lost against what was.
  return streamVersion < version ? 'repeat' : 'superseded'
}

export function headOf(event: RecordedEvent): Head {
  return { version: event.envelope.streamVersion, hash: event.hash }
}

function sameBytes(left: Uint8Array, right: Uint8Array | undefined): boolean {
  return Buffer.compare(left, right ?? new Uint8Array()) === 0
}
