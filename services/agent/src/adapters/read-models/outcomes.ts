import type { DocumentProjection, ProjectedDocument, ReadEvent } from '@parley/eventlog'
import type { Message } from '@parley/kernel'
import type { Collection, Db } from 'mongodb'

/** What a wish of a person led to: the events that it caused, or that the rules refused it. */
export interface DecidedWish {
  /** In the order of the log; of a long decision the first ones. */
  readonly events: readonly { readonly id: string; readonly type: string }[]
  /** Where the last of them stands. */
  readonly partition: number
  readonly offset: string
  readonly refusal: { readonly code: string; readonly fields: Readonly<Record<string, string>> } | null
  /** Of what was said. */
  readonly messageId: string | null
  /** The conversation that it concerns; empty: none. */
  readonly conversationId: string
}

export interface OutcomeDocument extends ProjectedDocument, DecidedWish {
  readonly leavesAt: Date
}

/** Longer than idempotency keys live. */
const KEPT_MS = 25 * 60 * 60 * 1_000
const EVENTS_MAX = 8

/** Of what people wish; refusals are told by the rules, whoever they refuse. */
export function isAnswerToPerson({ type, envelope: { actor, causationId } }: ReadEvent): boolean {
  return causationId !== '' && (actor?.kind === 'agent' || type === 'CommandRefused')
}

/** @param known by the events before it */
export function decidedWith(known: DecidedWish | undefined, event: ReadEvent): DecidedWish {
  const { envelope, record } = event
  const { messageId } = event.data as { readonly messageId?: unknown }
  return {
    events: [...(known?.events ?? []), { id: envelope.eventId, type: event.type }],
    partition: record.partition,
    offset: String(record.offset),
    refusal: known === undefined ? refusalIn(event) : known.refusal,
    messageId: known?.messageId ?? (typeof messageId === 'string' ? messageId : null),
    conversationId: known?.conversationId || envelope.correlationId,
  }
}

function refusalIn(event: Message): DecidedWish['refusal'] {
  if (event.type !== 'CommandRefused') return null
  const { code, fields } = event.data as {
    readonly code: string
    readonly fields: readonly { readonly name: string; readonly value: string }[]
  }
  return { code, fields: Object.fromEntries(fields.map(({ name, value }) => [name, value])) }
}

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
    route: (event) => (isAnswerToPerson(event) ? [event.envelope.causationId] : []),
    fold(known, event) {
      if (known !== undefined && known.events.length >= EVENTS_MAX) return undefined
      const leavesAt = new Date(Date.parse(event.envelope.recordedAt ?? '') + KEPT_MS)
      return { ...decidedWith(known, event), leavesAt }
    },
  }
}
