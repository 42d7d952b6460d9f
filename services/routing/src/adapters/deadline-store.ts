import type { DocumentProjection, ProjectedDocument } from '@parley/eventlog'
import type { Db } from 'mongodb'
import { type Deadline, type DeadlineKind, changed, deadlinesOf } from '../deadline/deadlines.ts'
import type { DueDeadlines } from '../deadline/ticker.ts'

interface DeadlineDocument extends ProjectedDocument {
  partition: number
  deadlines: StoredDeadline[]
  /** The earliest; null when there is none. */
  nextDueAt: Date | null
}

interface StoredDeadline {
  kind: DeadlineKind
  reference: string
  dueAt: Date
  conversationId: string
  traceparent: string
}

export const DEADLINES = { name: 'deadlines', version: 1 } as const

export interface DeadlineStore extends DueDeadlines {
  readonly projection: DocumentProjection<DeadlineDocument>
}

/** One document per contact, so that a repeated event changes nothing. */
export async function deadlineStore(
  db: Db,
  timeouts: { silenceTimeoutSeconds: number },
): Promise<DeadlineStore> {
  const collection = db.collection<DeadlineDocument>(`${DEADLINES.name}_v${DEADLINES.version}`)
  await collection.createIndex({ nextDueAt: 1, partition: 1 })
  return {
    projection: {
      collection,
      route(event) {
        const { set, clear } = deadlinesOf(event, timeouts)
        return set.length === 0 && clear.length === 0 ? [] : [event.envelope.streamId]
      },
      fold(doc, event) {
        const deadlines = changed((doc?.deadlines ?? []).map(read), deadlinesOf(event, timeouts))
        return { partition: event.record.partition, ...stored(deadlines) }
      },
    },
    async due(partitions, at, limit) {
      const docs = await collection
        // The lower bound keeps the look-up off the many contacts with nothing due (null).
        .find({ nextDueAt: { $gt: new Date(0), $lte: at }, partition: { $in: [...partitions] } })
        .sort({ nextDueAt: 1 })
        .limit(limit)
        .toArray()
      return docs.map(({ _id, seenVersion, deadlines }) => ({
        contactId: _id,
        seenVersion,
        deadlines: deadlines.map(read),
      }))
    },
    async leave(remaining) {
      await collection.bulkWrite(
        remaining.map(({ contactId, seenVersion, deadlines }) => ({
          updateOne: { filter: { _id: contactId, seenVersion }, update: { $set: stored(deadlines) } },
        })),
        { ordered: false },
      )
    },
  }
}

function read(deadline: StoredDeadline): Deadline {
  return { ...deadline, dueAt: deadline.dueAt.toISOString() }
}

function stored(deadlines: readonly Deadline[]): Pick<DeadlineDocument, 'deadlines' | 'nextDueAt'> {
  const times = deadlines.map(({ dueAt }) => Date.parse(dueAt))
  return {
    deadlines: deadlines.map((deadline) => ({ ...deadline, dueAt: new Date(deadline.dueAt) })),
    nextDueAt: times.length === 0 ? null : new Date(Math.min(...times)),
  }
}
