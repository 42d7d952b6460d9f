import { type ReadEvent, atMost } from '@parley/eventlog'
import type { Told } from '@parley/service'
import { LRUCache } from 'lru-cache'
import { type ConversationFact, evolve, isConversationFact } from '../../conversation/conversation.ts'
import {
  type MessageFact,
  beginsMessage,
  evolveMessage,
  isMessageFact,
  messageIdsOf,
} from '../../conversation/message.ts'
import {
  type Around as AroundMessage,
  type Message as ShownMessage,
  type Name,
  type Row,
  messageOf,
  rowOf,
  secretsOf,
} from '../../conversation/shown.ts'
import type {
  ConversationDocument,
  DeskFact,
  MessageDocument,
} from '../read-models/conversation-documents.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import type { ConversationItem } from './item.ts'
import type { DeskStore } from './store.ts'

export type DeskEvent = ReadEvent<DeskFact>

export interface KnownConversationsOptions {
  readonly conversations: Pick<
    ConversationStore,
    'conversations' | 'messagesById' | 'sensitive' | 'byProviderId'
  >
  readonly desks: Pick<DeskStore, 'readUpTo'>
  readonly name: Name
  /** The end of each partition when this began: what came before may be in the store by now. */
  readonly ends: ReadonlyMap<number, bigint>
}

/** What the store says around a batch. */
interface Around {
  readonly readUpTo: ReadonlyMap<string, number>
  readonly replyTo: ReadonlyMap<string, string>
}

interface Known {
  readonly row: ConversationDocument
  /** What is masked in it. In one place with the row: forgotten before it, the next words were told in the clear. */
  readonly secrets: readonly string[]
}

/** Of each kind; a kilobyte or two each. A batch speaks of fewer. */
const KNOWN_MAX = 10_000

/** Conversations and what was said in them, as of the event that was taken last; what is not known yet is read from the store. */
export class KnownConversations {
  readonly #options: KnownConversationsOptions
  readonly #known = new LRUCache<string, Known>(atMost(KNOWN_MAX))
  readonly #messages = new LRUCache<string, MessageDocument>(atMost(KNOWN_MAX))
  /** Messages by conversation and the channel's id: a reply may come to the log before the store has what it answers. */
  readonly #byProviderId = new LRUCache<string, string>(atMost(KNOWN_MAX))
  /** First versions of conversations whose documents were ahead of the log when it came to them. */
  readonly #ahead = new Map<string, number>()

  constructor(options: KnownConversationsOptions) {
    this.#options = options
  }

  row(id: string): ConversationDocument | undefined {
    return this.#known.get(id)?.row
  }

  /** Messages as the store has them, each as desks were told of it last: while nobody writes it, the store is behind that. */
  newest(read: readonly MessageDocument[]): readonly MessageDocument[] {
    return read.map((message) => {
      const known = this.#messages.get(message._id)
      return known !== undefined && known.seenVersion > message.seenVersion ? known : message
    })
  }

  /** Of conversations that are not known here. */
  async read(ids: readonly string[]): Promise<void> {
    const unknown = ids.filter((id) => !this.#known.has(id))
    const { conversations: store } = this.#options
    const [rows, sensitive] = await Promise.all([store.conversations(unknown), store.sensitive(unknown)])
    // What was taken meanwhile is newer than an answer that was asked for before: its owner would be forgotten.
    for (const row of rows) if (!this.#known.has(row._id)) this.#known.set(row._id, { row, secrets: [] })
    for (const message of sensitive) this.#hide(message)
  }

  /**
   * Whatever a batch speaks of, that did not begin in it and is not known here, in one read of each kind. Of what the log held when this
   * began all is looked for: whoever comes back is told how it is now, and not each state that it was in.
   */
  async around(batch: readonly DeskEvent[]): Promise<Around> {
    const { conversations: store, desks, ends } = this.#options
    const idsIn = (events: readonly DeskEvent[]) =>
      new Set(events.map(({ envelope }) => envelope.correlationId).filter((id) => id !== ''))
    const ids = idsIn(batch)
    const since = batch.filter(({ record }) => record.offset >= (ends.get(record.partition) ?? 0n))
    const begun = idsIn(since.filter(({ type }) => type === 'ConversationOpened'))
    const messageFacts = batch.filter(isMessageFact)
    const begunMessages = new Set(since.filter(isMessageFact).filter(beginsMessage).flatMap(messageIdsOf))
    const unknownMessages = messageFacts
      .flatMap(messageIdsOf)
      .filter((id) => !begunMessages.has(id) && !this.#messages.has(id))
    const replies = messageFacts.flatMap(({ data }) =>
      'replyToProviderMessageId' in data && data.replyToProviderMessageId !== ''
        ? [data.replyToProviderMessageId]
        : [],
    )
    const [messages, replyTo] = await Promise.all([
      store.messagesById(unknownMessages),
      store.byProviderId([...ids], replies),
      this.read([...ids].filter((id) => !begun.has(id))),
    ])
    for (const message of messages) this.#keep(message)
    const assigned = idsIn(batch.filter(({ type }) => type === 'ConversationAssigned'))
    const readUpTo = await desks.readUpTo([...ids].filter((id) => assigned.has(id) || this.#hadOwner(id)))
    return { readUpTo, replyTo }
  }

  /** The next event of the log. @returns what desks may be told of it; undefined where it changes nothing that they see */
  take(event: DeskEvent, { readUpTo, replyTo }: Around): ConversationItem | undefined {
    const { correlationId: id } = event.envelope
    if (id === '') return undefined
    const since = isConversationFact(event) ? this.#evolveRow(id, event) : undefined
    const changed = isMessageFact(event)
      ? messageIdsOf(event).flatMap((messageId) => this.#evolveMessage(messageId, event) ?? [])
      : []
    const known = this.#known.get(id)
    if (known === undefined) return undefined
    const { row: now, secrets } = known
    const { name } = this.#options
    const messages = changed.flatMap(({ before, message }) => {
      const answers = this.#answered(message) ?? replyTo.get(message.replyToProviderMessageId) ?? null
      const around = { name, secrets, contactName: now.contact.name, replyTo: answers }
      const isSame =
        before?.status === message.status &&
        isShownAlike(messageOf(before, around), messageOf(message, around))
      return isSame ? [] : [toldOf(message, around)]
    })
    if (since === undefined)
      return messages.length === 0
        ? undefined
        : { kind: 'conversation', now, row: null, lost: null, pasts: [], messages }
    const row = new ToldLater('conversation', rowOf, now, { name, secrets, readUpTo: readUpTo.get(id) })
    const lost = new ToldLater('conversation', withoutWords, row)
    const pasts = now.pasts.filter(({ until }) => until >= since)
    return { kind: 'conversation', now, row, lost, pasts, messages }
  }

  /** Nobody else reads what customers wrote: with the robot alone there is nothing to ask the store for. */
  #hadOwner(id: string): boolean {
    const row = this.row(id)
    return row !== undefined && (row.agentId ?? row.lastAgentId) !== null
  }

  #keep(message: MessageDocument): void {
    const { _id, conversationId, providerMessageId } = message
    this.#messages.set(_id, message)
    if (providerMessageId !== '') this.#byProviderId.set(`${conversationId} ${providerMessageId}`, _id)
  }

  #answered({ conversationId, replyToProviderMessageId }: MessageDocument): string | undefined {
    return this.#byProviderId.get(`${conversationId} ${replyToProviderMessageId}`)
  }

  #hide(message: MessageDocument): void {
    const { conversationId: id } = message
    const known = this.#known.get(id)
    if (known === undefined) return
    this.#known.set(id, { ...known, secrets: [...new Set([...known.secrets, ...secretsOf(message)])] })
  }

  /**
   * A document read from the store may be ahead of the log here: it is told once, where the log comes to its last change.
   * @returns undefined where there is nothing to tell; otherwise the first version that is told with it
   */
  #evolveRow(id: string, event: DeskEvent & ConversationFact): number | undefined {
    const { streamId, streamVersion: version } = event.envelope
    const { row: known, secrets = [] } = this.#known.get(id) ?? {}
    if (known !== undefined && known.seenVersion > version) {
      if (!this.#ahead.has(id)) this.#ahead.set(id, version)
      return undefined
    }
    if (known?.seenVersion !== version) {
      const next = evolve(known, event)
      if (next === undefined) return undefined
      const row = { ...next, _id: id, streamId, seenVersion: version, leavesAt: null }
      this.#known.set(id, { row, secrets })
    }
    const since = this.#ahead.get(id) ?? version
    this.#ahead.delete(id)
    return since
  }

  /** As above. */
  #evolveMessage(
    id: string,
    event: DeskEvent & MessageFact,
  ): { readonly before: MessageDocument | undefined; readonly message: MessageDocument } | undefined {
    const { streamId, streamVersion: version } = event.envelope
    const known = this.#messages.get(id)
    if (known !== undefined && known.seenVersion >= version) {
      // The store came to know it behind what was read of its conversation.
      if (known.isSensitive) this.#hide(known)
      return known.seenVersion > version ? undefined : { before: undefined, message: known }
    }
    const next = evolveMessage(known, event, id)
    if (next === undefined) return undefined
    const message = { ...next, _id: id, streamId, seenVersion: version, leavesAt: new Date(0) }
    this.#keep(message)
    if (message.isSensitive) this.#hide(message)
    return { before: known, message }
  }
}

/** The version alone makes no difference to whoever reads it. */
function isShownAlike(one: ShownMessage, other: ShownMessage): boolean {
  return JSON.stringify({ ...one, version: 0 }) === JSON.stringify({ ...other, version: 0 })
}

/**
 * Of most that is said nobody is told anything: with the robot, and beside what each desk has open. So it is made for the first who is told. Thousands are kept for who comes back: of each what it
 * is made of, and nothing of the event, which would keep the bytes of all that was fetched with it.
 */
class ToldLater<Of extends readonly unknown[], Data> implements Told {
  readonly event: string
  readonly #make: (...of: Of) => Data
  readonly #of: Of
  #data: Data | undefined

  constructor(event: string, make: (...of: Of) => Data, ...of: Of) {
    this.event = event
    this.#make = make
    this.#of = of
  }

  get data(): Data {
    return (this.#data ??= this.#make(...this.#of))
  }
}

function toldOf(message: MessageDocument, around: AroundMessage): ConversationItem['messages'][number] {
  const told = new ToldLater('message', messageData, message, around)
  const whisper = message.isWhisper ? new ToldLater('whisper', whisperData, told) : null
  return { told, whisper, mentions: message.mentions }
}

const withoutWords = ({ data }: { readonly data: Row }) => ({ ...data, lastMessage: undefined })

const messageData = (message: MessageDocument, around: AroundMessage) => ({
  conversationId: message.conversationId,
  message: messageOf(message, around),
})

function whisperData({ data }: { readonly data: ReturnType<typeof messageData> }) {
  const { author, text, recordedAt: at } = data.message
  return { conversationId: data.conversationId, from: author.id, text, at }
}
