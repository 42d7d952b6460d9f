import { type Head, StreamGap, accept, headAfter, headBeside } from '@parley/kernel'
import type { RawEvent, RawRecord } from './raw-record.ts'

/** What is needed of a record to tell whether it was accepted. */
export type Judged = Pick<RawRecord, 'streamId' | 'offset' | 'hash' | 'header'>

/**
 * The records of one stream that all readers took for facts, in stream order: first in the log wins. Repeats, and records that lost
 * against an earlier one, are left out; so is one that nobody could read, even where the stream goes on behind it.
 * @param records of one stream, in log order, from its first one on, without a hole: with one, a loser might be taken for the winner
 * @throws {StreamGap}
 */
export function acceptedOf<Given extends Judged>(
  records: readonly Given[],
): readonly (Given & Pick<RawEvent, 'header'>)[] {
  const accepted: (Given & Pick<RawEvent, 'header'>)[] = []
  const unreadable: Judged[] = []
  let head: Head | undefined
  for (const record of records) {
    const { streamId, offset, hash, header } = record
    if (header === null) {
      unreadable.push(record)
      continue
    }
    const event = { envelope: header, hash }
    let verdict = accept(head, event, offset)
    // An operator decided that the stream goes on without a record that nobody can read: the one behind it names it.
    const discarded =
      verdict === 'next' ? undefined : unreadable.find((lost) => lost.hash.equals(header.prevHash))
    if (discarded !== undefined && header.streamVersion > (head?.version ?? 0) + 1) {
      head = {
        version: header.streamVersion - 1,
        hash: discarded.hash,
        offset: discarded.offset,
        superseded: head?.superseded ?? [],
      }
      verdict = accept(head, event, offset)
    }
    switch (verdict) {
      case 'next':
        head = headAfter(head, event, offset)
        accepted.push({ ...record, header })
        break
      case 'superseded':
        head = headBeside(head, event, offset)
        break
      case 'gap':
        throw new StreamGap(streamId, head?.version ?? 0, header.streamVersion)
      case 'repeat':
        break
    }
  }
  return accepted
}
