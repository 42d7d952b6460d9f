import type { DocumentProjection, ProjectedDocument } from '@parley/eventlog'
import type { CommonEvent, Message } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'

/** What a wish of a person led to: the first event that it caused, or that the rules refused it. */
export interface OutcomeDocument extends ProjectedDocument {
  readonly eventId: string
  readonly type: string
  readonly partition: number
  readonly offset: string
  /** Of a refusal. */
  readonly refusal: { readonly code: string; readonly fields: Readonly<Record<string, string>> } | null
  /** Of what was said. */
  readonly messageId: string | null
  readonly leavesAt: Date
}

/** Longer than idempotency keys live. */
const KEPT_MS = 25 * 60 * 60 * 1_000

export async function outcomesIn(
  db: Db,
  family: string,
  version: number,
): Promise<Collection<OutcomeDocument>> {
  const collection = db.collection<OutcomeDocument>(`${family}_outcomes_v${version}`)
  await collection.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 })
  return collection
}

/** By the id of the command: whoever asks after a crash, on another replica as well, finds what was decided the first time. */
export function outcomeDocuments<Event extends Message>(
  collection: Collection<OutcomeDocument>,
): DocumentProjection<OutcomeDocument, Event> {
  return {
    collection,
    route: ({ envelope: { actor, causationId } }) =>
      actor?.kind === 'agent' && causationId !== '' ? [causationId] : [],
    fold(known, event) {
      if (known !== undefined) return undefined
      const { envelope, record } = event
      const fact = event as unknown as CommonEvent
      const said = event.data as { readonly messageId?: unknown }
      return {
        eventId: envelope.eventId,
        type: event.type,
        partition: record.partition,
        offset: String(record.offset),
        refusal:
          fact.type === 'CommandRefused'
            ? {
                code: fact.data.code,
                fields: Object.fromEntries(fact.data.fields.map(({ name, value }) => [name, value])),
              }
            : null,
        messageId: typeof said.messageId === 'string' ? said.messageId : null,
        leavesAt: new Date(Date.parse(envelope.recordedAt ?? '') + KEPT_MS),
      }
    },
  }
}
