import type { Message } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'
import type { ReadModel } from '../projections/definition.ts'
import type { DocumentProjection, ProjectedDocument, ReadEvent, ReaderBatch } from '../reader/index.ts'
import { type Deadline, type FamilyDeadlines, changed } from './deadlines.ts'
import type { DueDeadlines, StreamDeadlines } from './ticker.ts'

interface DeadlineDocument extends ProjectedDocument {
  partition: number
  deadlines: StoredDeadline[]
  /** The earliest; null when there is none. */
  nextDueAt: Date | null
}

type StoredDeadline = Omit<Deadline, 'dueAt'> & { dueAt: Date }

/**
 * What was found at the last look is believed for so long: another process may have written just before its partition came here. And so
 * far ahead a look goes: SecantusDB reads all that is asked for before it sorts, and of what is open most is due in hours.
 */
const LOOK_AGAIN_AFTER_MS = 60_000

/**
 * The deadlines of all streams, one document per stream, so that a repeated event changes nothing. As long as nothing is due by what it
 * knows, it does not ask the database: it knows what it wrote itself, and finds the rest at its first look after a rebalance.
 */
export class DeadlineStore<Command extends Message, Event extends Message>
  implements DueDeadlines, ReadModel<Event>
{
  readonly #collection: Collection<DeadlineDocument>
  readonly #family: FamilyDeadlines<Command, Event, any>
  readonly documents: readonly [DocumentProjection<DeadlineDocument, Event>]
  readonly #elapsedMs: () => number
  /** There is none before, in the partitions that were looked at. */
  #earliest = 0
  #looked: ReadonlySet<number> = new Set()
  #lookAgainAt = 0

  private constructor(
    collection: Collection<DeadlineDocument>,
    family: FamilyDeadlines<Command, Event, any>,
    elapsedMs: () => number,
  ) {
    this.#collection = collection
    this.#elapsedMs = elapsedMs
    this.#family = family
    const projection: DocumentProjection<DeadlineDocument, Event> = {
      collection,
      route: (event) => {
        const { set, clear } = family.deadlinesOf(event as never)
        return set.length === 0 && clear.length === 0 ? [] : [event.envelope.streamId]
      },
      fold: (doc, event) => {
        const { set, clear } = family.deadlinesOf(event as never)
        const { eventId: reference, correlationId, traceparent } = event.envelope
        const deadlines = set.map(({ kind, dueAt }) => ({
          kind,
          dueAt,
          reference,
          correlationId,
          traceparent,
        }))
        return {
          partition: event.record.partition,
          ...stored(changed((doc?.deadlines ?? []).map(read), clear, deadlines)),
        }
      },
    }
    this.documents = [projection]
  }

  /** @param name Of the reader that fills it: name and version are part of the collection's name. */
  static async open<Command extends Message, Event extends Message>(
    db: Db,
    name: string,
    version: number,
    family: FamilyDeadlines<Command, Event, any>,
    elapsedMs: () => number,
  ): Promise<DeadlineStore<Command, Event>> {
    const collection = db.collection<DeadlineDocument>(`${name}_v${version}`)
    await collection.createIndex({ nextDueAt: 1, partition: 1 })
    return new DeadlineStore(collection, family, elapsedMs)
  }

  /** Only once they are written: a look that ran meanwhile did not find them. */
  onWritten(batch: ReaderBatch<Event>): void {
    for (const event of batch.events) this.#expect(event)
  }

  forget(): void {
    this.#earliest = 0
  }

  /** Others wrote what is here now. */
  onAssigned(): void {
    this.forget()
  }

  /** What has passed the ticker has taken out of the live version; the rest is the same in each. */
  compared(document: ProjectedDocument): object {
    const now = Date.now()
    const { deadlines } = document as DeadlineDocument
    return { deadlines: deadlines.filter(({ dueAt }) => dueAt.getTime() > now) }
  }

  async due(partitions: readonly number[], at: number, limit: number): Promise<readonly StreamDeadlines[]> {
    if (at < this.#earliest && this.#isFresh(partitions)) return []
    this.#looked = new Set(partitions)
    this.#lookAgainAt = this.#elapsedMs() + LOOK_AGAIN_AFTER_MS
    this.#earliest = Number.POSITIVE_INFINITY
    const until = at + LOOK_AGAIN_AFTER_MS
    try {
      const docs = await this.#collection
        .find({
          // The lower bound keeps the look-up off the many streams without a deadline (null).
          nextDueAt: { $gt: new Date(0), ...(Number.isFinite(until) && { $lte: new Date(until) }) },
          partition: { $in: [...partitions] },
        })
        .sort({ nextDueAt: 1 })
        .limit(limit)
        .toArray()
      const later = docs.findIndex(({ nextDueAt }) => +nextDueAt! > at)
      const due = later === -1 ? docs : docs.slice(0, later)
      // When all that came are due, there may be more.
      this.#nothingBefore(later === -1 ? (docs.length < limit ? until : 0) : +docs[later]!.nextDueAt!)
      return due.map(({ _id, seenVersion, deadlines }) => ({
        streamId: _id,
        seenVersion,
        deadlines: deadlines.map(read),
      }))
    } catch (error) {
      this.forget()
      throw error
    }
  }

  async leave(remaining: readonly StreamDeadlines[]): Promise<void> {
    await this.#collection.bulkWrite(
      remaining.map(({ streamId, seenVersion, deadlines }) => ({
        updateOne: { filter: { _id: streamId, seenVersion }, update: { $set: stored(deadlines) } },
      })),
      { ordered: false },
    )
    for (const { deadlines } of remaining) this.#nothingBefore(earliestOf(deadlines))
  }

  #isFresh(partitions: readonly number[]): boolean {
    return (
      this.#elapsedMs() < this.#lookAgainAt && partitions.every((partition) => this.#looked.has(partition))
    )
  }

  #expect(event: ReadEvent<Event>): void {
    for (const { dueAt } of this.#family.deadlinesOf(event as never).set)
      this.#nothingBefore(Date.parse(dueAt))
  }

  #nothingBefore(time: number): void {
    this.#earliest = Math.min(this.#earliest, time)
  }
}

function read(deadline: StoredDeadline): Deadline {
  return { ...deadline, dueAt: deadline.dueAt.toISOString() }
}

function stored(deadlines: readonly Deadline[]): Pick<DeadlineDocument, 'deadlines' | 'nextDueAt'> {
  return {
    deadlines: deadlines.map((deadline) => ({ ...deadline, dueAt: new Date(deadline.dueAt) })),
    nextDueAt: deadlines.length === 0 ? null : new Date(earliestOf(deadlines)),
  }
}

function earliestOf(deadlines: readonly Deadline[]): number {
  return Math.min(...deadlines.map(({ dueAt }) => Date.parse(dueAt)))
}
