import { createHash } from 'node:crypto'
import { EventEnvelope } from '@parley/proto/envelope'
import type { TranscriptJson } from './transcript.ts'

/** The versions at which a download is not what it says, found as docs/guides/transcripts.md tells a reader to find them. */
export function alteredIn({ events }: TranscriptJson): readonly number[] {
  return events.flatMap(({ raw, hash, prevHash, streamVersion }, index) => {
    const bytes = raw === null ? undefined : Buffer.from(raw, 'base64')
    const isItself =
      bytes === undefined ||
      (createHash('sha256').update(bytes).digest('hex') === hash &&
        EventEnvelope.decode(bytes).prevHash.toString('hex') === prevHash)
    const before = events[index - 1]
    const isNext =
      before === undefined || before.streamVersion + 1 !== streamVersion || before.hash === prevHash
    return isItself && isNext ? [] : [streamVersion]
  })
}
