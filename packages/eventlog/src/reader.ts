import type { RecordedEvent } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'
import type { EventLog, StoredRecord, Subscription } from './log.ts'

/** One record of an events topic as a reader sees it. */
export interface ReadEvent extends RecordedEvent {
  readonly record: StoredRecord
}

/** What one fetch of one partition brought, after first-in-the-log-wins. */
export interface ReaderBatch {
  readonly partition: number
  readonly generation: number
  /** The accepted events, in log order. Repeats and superseded ones are not among them. */
  readonly events: readonly ReadEvent[]
  /** Set aside: counted and archived, never folded. */
  readonly superseded: readonly ReadEvent[]
  /** Every record as it came, repeats included (for the archive of exact bytes). */
  readonly records: readonly StoredRecord[]
  isOwned(): boolean
  heartbeat(): Promise<void>
}

/**
 * Thrown by a handler for an event that it can never take: its stream is parked (later events of the stream queue behind it),
 * the partition moves on. Any other error is taken for a passing fault: the batch comes again.
 */
export class PoisonEvent extends Error {
  readonly code = 'POISON_EVENT'
  readonly streamId: string
  readonly position: { readonly partition: number; readonly offset: bigint }
  constructor(event: ReadEvent, cause: unknown) {
    super(`The event ${event.envelope.type} ${event.envelope.eventId} cannot be handled.`, { cause })
    this.streamId = event.envelope.streamId
    this.position = { partition: event.record.partition, offset: event.record.offset }
  }
}

export interface ReaderOptions {
  readonly log: EventLog
  readonly topic: string
  /** Name and version are part of the consumer group and of the checkpoint collections: raise the version to rebuild from offset zero. */
  readonly name: string
  readonly version: number
  readonly namespace: string
  /** Heads of streams and parked streams are kept here, in the service's own database. */
  readonly db: Db
  readonly concurrency?: number
  /** Must be idempotent: after a crash the same events come again. */
  handle(batch: ReaderBatch): Promise<void>
  onAssigned?(partitions: readonly number[], generation: number): Promise<void>
  onFault(error: Error): void
}

/** A running reader (projection or reactor). */
export interface Reader extends Subscription {
  /** Streams that are parked, with the reason. */
  parked(): Promise<readonly ParkedStream[]>
  /** Hands the parked events of the stream to the handler again, in order; true when the stream is free again. */
  retry(streamId: string): Promise<boolean>
  /** Drops the poison event alone (kept in the log, of course), with the reason given, then retries what queued behind it. */
  discard(streamId: string, reason: string): Promise<boolean>
}

export interface ParkedStream {
  readonly streamId: string
  readonly reason: string
  readonly parkedAt: Date
  readonly eventCount: number
}

/**
 * A read model whose documents are folds of events. One find and one bulkWrite per batch, never one per event;
 * each document carries the stream version that it has seen, so a batch delivered twice is as good as once.
 */
export interface DocumentProjection<Doc extends ProjectedDocument> {
  readonly collection: Collection<Doc>
  /** The ids of the documents that this event touches. */
  route(event: ReadEvent): readonly string[]
  /** Pure. `undefined`: the document is not there yet; return `undefined` to leave it so. */
  fold(doc: Doc | undefined, event: ReadEvent, id: string): Doc | undefined
}

export interface ProjectedDocument {
  _id: string
  /** The stream whose events it folds; a document belongs to one stream. */
  streamId: string
  /** The last version of the stream that it folded. Kept by `project`, not by `fold`. */
  seenVersion: number
}
