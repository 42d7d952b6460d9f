import { type EventStream, Rounds } from '@parley/service'
import type { Collection, Db } from 'mongodb'
import type { Name } from '../../conversation/shown.ts'
import type { Sight } from '../../conversation/viewing.ts'
import type { ConversationStore } from '../read-models/conversation-store.ts'
import type { DeskFeed } from './feed.ts'

interface SignDocument {
  readonly _id: string
  readonly kind: 'typing' | 'read'
  readonly conversationId: string
  readonly personId: string
  readonly until: Date
}

/** Desks say it again every 10 s while somebody writes. */
export const SIGN_STANDS_MS = 12_000
const LOOK_EVERY_MS = 1_000

export interface DeskSignsOptions {
  readonly feed: Pick<DeskFeed, 'unread'>
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly name: Name
  /** The store is away: said once, until it was read again. */
  readonly onError: (error: unknown) => void
  /** Default 1 s. */
  readonly lookEveryMs?: number
}

interface Desk {
  readonly stream: Pick<EventStream, 'sendSign'>
  readonly sight: Sight
  readonly watched: ReadonlySet<string>
}

/**
 * Tells desks on whatever replica what is no fact: who has a conversation open, that a colleague writes in it; its owner's desks, that it
 * was read at one of them. It is not in the log, has the place of what came before it, and is not told again to who comes back.
 */
export class DeskSigns {
  readonly #signs: Collection<SignDocument>
  readonly #options: DeskSignsOptions
  readonly #desks = new Set<Desk>()
  /** What was told, with its end: told again when somebody goes on. */
  #told: ReadonlyMap<string, number> = new Map()
  readonly #rounds: Rounds

  static async open(db: Db, options: DeskSignsOptions): Promise<DeskSigns> {
    const signs = db.collection<SignDocument>('desk_signs')
    await signs.createIndex({ until: 1 }, { expireAfterSeconds: 60 })
    return new DeskSigns(signs, options)
  }

  private constructor(signs: Collection<SignDocument>, options: DeskSignsOptions) {
    this.#signs = signs
    this.#options = options
    this.#rounds = new Rounds({
      everyMs: options.lookEveryMs ?? LOOK_EVERY_MS,
      round: async () => (this.#desks.size === 0 ? 'idle' : this.#tell()),
      onError: options.onError,
    })
  }

  /** @returns what closes it */
  open(desk: Desk): () => void {
    this.#desks.add(desk)
    return () => void this.#desks.delete(desk)
  }

  typed(conversationId: string, personId: string): Promise<void> {
    return this.#sign('typing', conversationId, personId)
  }

  read(conversationId: string, personId: string): Promise<void> {
    return this.#sign('read', conversationId, personId)
  }

  close(): Promise<void> {
    return this.#rounds.close()
  }

  async #tell(): Promise<void> {
    const signs = await this.#signs.find({ until: { $gt: new Date() } }).toArray()
    const fresh = signs.filter(({ _id, until }) => this.#told.get(_id) !== until.getTime())
    this.#told = new Map(signs.map(({ _id, until }) => [_id, until.getTime()]))
    const of = Map.groupBy(fresh, ({ kind }) => kind)
    await this.#tellTyping(of.get('typing') ?? [])
    await this.#tellRead(of.get('read') ?? [])
  }

  async #tellTyping(signs: readonly SignDocument[]): Promise<void> {
    if (signs.length === 0) return
    const { conversations, name } = this.#options
    const found = await conversations.conversations([
      ...new Set(signs.map(({ conversationId }) => conversationId)),
    ])
    const byId = new Map(found.map((conversation) => [conversation._id, conversation]))
    for (const { conversationId, personId } of signs) {
      const conversation = byId.get(conversationId)
      if (conversation === undefined) continue
      const data = { conversationId, agentId: personId, name: name(personId) ?? personId }
      for (const { stream, sight, watched } of this.#desks) {
        const isOpenThere = conversation.agentId === sight.personId || watched.has(conversationId)
        if (sight.personId !== personId && isOpenThere && sight.sees(conversation))
          stream.sendSign('typing', data)
      }
    }
  }

  async #tellRead(signs: readonly SignDocument[]): Promise<void> {
    if (signs.length === 0) return
    const unread = await this.#options.feed.unread(signs.map(({ conversationId }) => conversationId))
    for (const { conversationId, agentId, ...data } of unread)
      for (const { stream, sight } of this.#desks)
        if (sight.personId === agentId) stream.sendSign('read', { conversationId, ...data })
  }

  async #sign(kind: SignDocument['kind'], conversationId: string, personId: string): Promise<void> {
    const until = new Date(Date.now() + SIGN_STANDS_MS)
    await this.#signs.updateOne(
      { _id: `${kind} ${conversationId} ${personId}` },
      { $set: { kind, conversationId, personId, until } },
      { upsert: true },
    )
  }
}
