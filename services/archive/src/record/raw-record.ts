import type { StoredRecord } from '@parley/eventlog'
import { UnreadableRecord, eventIn, sha256 } from '@parley/kernel'

/** One record of the log, for ever: the exact bytes and where they stood, whatever any reader makes of them. */
export interface RawRecord {
  /** Topic, partition and offset, padded so that ids sort as the log does. */
  readonly _id: string
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** The broker's, ISO 8601 UTC. */
  readonly timestamp: string
  /** The record's key. */
  readonly streamId: string
  readonly raw: Uint8Array
  /** SHA-256 of `raw`. */
  readonly hash: Buffer
  /** A copy of what the envelope says, to find the record by; null where the bytes are no envelope, or one of another stream. */
  readonly header: RawHeader | null
}

export interface RawHeader {
  readonly streamVersion: number
  readonly type: string
  /** Empty: the event belongs to no conversation. */
  readonly conversationId: string
  readonly prevHash: Buffer
}

/** A record whose envelope can be read. */
export type RawEvent = RawRecord & { readonly header: RawHeader }

/** What is known of such a record without its bytes. */
export type AcceptedRecord = Omit<RawEvent, 'raw'>

/** Where records stand: one partition of one topic. */
export type LogPartition = Pick<StoredRecord, 'topic' | 'partition'>

export function partitionId({ topic, partition }: LogPartition): string {
  return `${topic}:${String(partition).padStart(5, '0')}`
}

export function rawRecordOf(record: StoredRecord): RawRecord {
  const { topic, partition, offset, timestamp, key, value } = record
  return {
    _id: `${partitionId(record)}:${String(offset).padStart(20, '0')}`,
    topic,
    partition,
    offset,
    timestamp,
    streamId: key,
    raw: value,
    ...headerAndHashOf(record),
  }
}

function headerAndHashOf(record: StoredRecord): Pick<RawRecord, 'hash' | 'header'> {
  try {
    const { envelope, hash } = eventIn(record)
    const { streamVersion, type, correlationId, prevHash } = envelope
    return { hash, header: { streamVersion, type, conversationId: correlationId, prevHash } }
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error
    return { hash: sha256(record.value), header: null }
  }
}
