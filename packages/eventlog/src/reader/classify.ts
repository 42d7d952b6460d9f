import {
  type Head,
  type Message,
  type RecordedEvent,
  StreamGap,
  accept,
  eventIn,
  headAfter,
  headBeside,
  headWithout,
  sha256,
} from '@parley/kernel'
import type { StoredRecord } from '../log.ts'

/** A record, and whether an operator decided that its event is left out. */
export interface ReaderRecord extends StoredRecord {
  readonly discarded?: boolean
}

/** An event that is to be handled. */
export type Taken = Message & RecordedEvent & { readonly record: StoredRecord }

export interface Classified {
  readonly events: readonly Taken[]
  /** For each stream the record that is no event of it. */
  readonly unreadable: readonly { readonly record: StoredRecord; readonly error: unknown }[]
  /** Where the streams stand once all of that is handled. */
  readonly heads: ReadonlyMap<string, Head>
  readonly supersededCount: number
}

/**
 * What a reader makes of records of streams that are not parked, by the one rule. Pure.
 * @param heads Where the streams stand before them.
 * @param decode Gives the event when the reader wants its type; throws for what it cannot read.
 * @throws {StreamGap} records are missing: nothing may be handled
 */
export function classify(
  records: readonly ReaderRecord[],
  heads: ReadonlyMap<string, Head>,
  decode: (event: RecordedEvent) => Message | undefined,
): Classified {
  const events: Taken[] = []
  const unreadable = new Map<string, { record: StoredRecord; error: unknown }>()
  const moved = new Map<string, Head>()
  let supersededCount = 0
  for (const record of records) {
    const { key, offset } = record
    if (unreadable.has(key)) continue
    const head = moved.get(key) ?? heads.get(key)
    let event: RecordedEvent
    try {
      event = eventIn(record)
    } catch (error) {
      // It was left out before, and is delivered again.
      if (head !== undefined && offset <= head.offset) continue
      if (record.discarded !== true) unreadable.set(key, { record, error })
      else moved.set(key, headWithout(head, sha256(record.value), offset))
      continue
    }
    switch (accept(head, event, offset)) {
      case 'next':
        if (record.discarded !== true)
          try {
            const decoded = decode(event)
            if (decoded !== undefined) events.push({ ...decoded, ...event, record })
          } catch (error) {
            unreadable.set(key, { record, error })
            continue
          }
        moved.set(key, headAfter(head, event, offset))
        break
      case 'superseded': {
        supersededCount += 1
        const beside = headBeside(head, event, offset)
        if (beside !== undefined) moved.set(key, beside)
        break
      }
      case 'gap':
        throw new StreamGap(key, head?.version ?? 0, event.envelope.streamVersion)
      case 'repeat':
        break
    }
  }
  return { events, unreadable: [...unreadable.values()], heads: moved, supersededCount }
}
