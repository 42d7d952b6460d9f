import { createHash } from 'node:crypto'
import { EventEnvelope } from '@parley/proto/envelope'
import * as conversation from '@parley/proto/events'
import * as handling from '@parley/proto/handling'
import * as workforce from '@parley/proto/workforce-events'

/** A record of the raw archive, as far as a recount looks at it. */
export interface Raw {
  readonly topic: string
  readonly partition: number
  readonly offset: number | bigint
  readonly raw: Uint8Array
}

/** What a record says, read anew. */
export interface Fact {
  readonly stream: string
  readonly partition: number
  readonly offset: bigint
  readonly type: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** Who did it. */
  readonly by: string
  /** The fields of the payload by name. */
  readonly is: Readonly<Record<string, unknown>>
}

type Decoder = { decode(bytes: Uint8Array): object }

/** By the family that a topic ends with: what is recounted, and how it is read. */
const DECODERS: Readonly<Record<FamilyName, ReadonlyMap<string, Decoder>>> = {
  'conversation.events': new Map<string, Decoder>([
    ['ConversationOpened', conversation.ConversationOpened],
    ['MessageReceived', conversation.MessageReceived],
    ['AppMessageSent', conversation.AppMessageSent],
    ['MessageSendRequested', conversation.MessageSendRequested],
    ['BotTurnRequested', conversation.BotTurnRequested],
    ['BotTurnCompleted', conversation.BotTurnCompleted],
    ['HandoverRequested', conversation.HandoverRequested],
    ['ConversationEnding', conversation.ConversationEnding],
    ['ConversationClosed', conversation.ConversationClosed],
    ['ConversationBegun', handling.ConversationBegun],
    ['ConversationQueued', handling.ConversationQueued],
    ['ConversationAssigned', handling.ConversationAssigned],
    ['ConversationRequeued', handling.ConversationRequeued],
    ['ConversationReturnedToRobot', handling.ConversationReturnedToRobot],
    ['ConversationParked', handling.ConversationParked],
    ['HoldBegan', handling.HoldBegan],
    ['HoldEnded', handling.HoldEnded],
    ['SurveyAsked', handling.SurveyAsked],
    ['SurveyAnswered', handling.SurveyAnswered],
  ]),
  'workforce.events': new Map<string, Decoder>([
    ['ConversationEnqueued', workforce.ConversationEnqueued],
    ['ConversationOffered', workforce.ConversationOffered],
    ['ConversationAssigned', workforce.ConversationAssigned],
    ['ConversationRequeued', workforce.ConversationRequeued],
    ['ConversationParked', workforce.ConversationParked],
    ['ConversationReturnedToRobot', workforce.ConversationReturnedToRobot],
    ['ConversationWithdrawn', workforce.ConversationWithdrawn],
    ['WrapUpEnded', workforce.WrapUpEnded],
    ['PresenceChanged', workforce.PresenceChanged],
  ]),
}

export type FamilyName = 'conversation.events' | 'workforce.events'

interface End {
  readonly version: number
  /** SHA-256, hex, of the last record that counted, and of records behind it that nobody can read: the next one continues one of these. */
  readonly hashes: readonly string[]
}

/**
 * The facts of one family, in the order of the log. Of two records that would both be the next of a stream the one that stands first in
 * the log counts; the chain of hashes tells which those are.
 * @param records in log order within each partition
 */
export async function* factsIn(
  family: FamilyName,
  records: AsyncIterable<Raw> | Iterable<Raw>,
): AsyncGenerator<Fact> {
  const decoders = DECODERS[family]
  const ends = new Map<string, End>()
  const unreadable = new Map<string, string[]>()
  for await (const { topic, partition, offset, raw } of records) {
    if (!topic.endsWith(family)) continue
    const hash = createHash('sha256').update(raw).digest('hex')
    const place = `${topic} ${partition}`
    const envelope = decoded(raw)
    if (envelope === undefined) {
      unreadable.set(place, [...(unreadable.get(place) ?? []), hash])
      continue
    }
    const stream = envelope.streamId
    const end = ends.get(stream) ?? { version: 0, hashes: [''] }
    const before = Buffer.from(envelope.prevHash).toString('hex')
    const isNext = envelope.streamVersion === end.version + 1 && end.hashes.includes(before)
    const isBehindUnreadable =
      envelope.streamVersion > end.version + 1 && unreadable.get(place)?.includes(before) === true
    if (!isNext && !isBehindUnreadable) continue
    ends.set(stream, { version: envelope.streamVersion, hashes: [hash] })
    const decoder = decoders.get(envelope.type)
    if (decoder === undefined) continue
    const is = decoder.decode(envelope.payload) as Record<string, unknown>
    yield {
      stream,
      partition,
      offset: BigInt(offset),
      type: envelope.type,
      at: Date.parse(envelope.recordedAt ?? ''),
      by: envelope.actor?.id ?? '',
      is,
    }
  }
}

function decoded(raw: Uint8Array): EventEnvelope | undefined {
  try {
    const envelope = EventEnvelope.decode(raw)
    return envelope.streamId === '' || envelope.streamVersion < 1 || envelope.type === ''
      ? undefined
      : envelope
  } catch {
    return undefined
  }
}

export function textOf(fact: Fact, field: string): string {
  const value = Object.hasOwn(fact.is, field) ? fact.is[field] : undefined
  return typeof value === 'string' ? value : ''
}
