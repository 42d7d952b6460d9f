import type { RecordedEvent } from '@parley/kernel'

/**
 * One record of the log, for ever: the exact bytes, where they stood, and whether readers took them for a fact.
 * A record that lost against an earlier one (first in the log wins) is kept, and not accepted.
 */
export interface RawEvent {
  /** Partition and offset, padded so that ids sort as the log does. */
  readonly _id: string
  readonly partition: number
  readonly offset: bigint
  readonly streamId: string
  readonly streamVersion: number
  readonly conversationId: string
  readonly type: string
  readonly raw: Uint8Array
  /** SHA-256 of `raw`. */
  readonly hash: Uint8Array
  readonly accepted: boolean
  readonly recordedAt: string
}

export interface Place {
  readonly partition: number
  readonly offset: bigint
}

export function rawEventId({ partition, offset }: Place): string {
  return `${String(partition).padStart(5, '0')}:${String(offset).padStart(20, '0')}`
}

export function rawEventOf(event: RecordedEvent, { partition, offset }: Place, accepted: boolean): RawEvent {
  const { streamId, streamVersion, correlationId, type, recordedAt } = event.envelope
  return {
    _id: rawEventId({ partition, offset }),
    partition,
    offset,
    streamId,
    streamVersion,
    conversationId: correlationId,
    type,
    raw: event.raw,
    hash: event.hash,
    accepted,
    recordedAt: recordedAt ?? '',
  }
}
