import { type Head, StreamGap, accept, headAfter, headBeside, headWithout } from '@parley/kernel'
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
  let head: Head | undefined
  for (const record of records) {
    const { streamId, offset, hash, header } = record
    if (header === null) {
      head = headWithout(head, hash, offset)
      continue
    }
    const event = { envelope: header, hash }
    switch (accept(head, event, offset)) {
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
