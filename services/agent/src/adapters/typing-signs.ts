import type { EventStream } from '@parley/service'
import type { Collection, Db } from 'mongodb'
import type { Name } from '../conversation/shown.ts'
import type { Sight } from '../conversation/viewing.ts'
import type { ConversationStore } from './conversation-store.ts'
import { Rounds } from './rounds.ts'

interface SignDocument {
  readonly _id: string
  readonly conversationId: string
  readonly personId: string
  readonly until: Date
}

/** Desks say it again every 10 s while somebody writes. */
export const TYPING_STANDS_MS = 12_000
const LOOK_EVERY_MS = 1_000

export interface TypingSignsOptions {
  readonly conversations: Pick<ConversationStore, 'conversations'>
  readonly name: Name
  /** The store is away: said once, until it was read again. */
  readonly onError: (error: unknown) => void
  /** Default 1 s. */
  readonly lookEveryMs?: number
}

interface Desk {
  readonly stream: Pick<EventStream, 'send'>
  readonly sight: Sight
  readonly watched: ReadonlySet<string>
}

/**
 * Tells those who have a conversation open that a colleague writes in it, on whatever replica. It is no fact: it is not in the log, has
 * no id, and is not told again to who comes back.
 */
export class TypingSigns {
  readonly #signs: Collection<SignDocument>
  readonly #options: TypingSignsOptions
  readonly #desks = new Set<Desk>()
  /** What was told, with its end: told again when somebody goes on. */
  #told: ReadonlyMap<string, number> = new Map()
  readonly #rounds: Rounds

  static async open(db: Db, options: TypingSignsOptions): Promise<TypingSigns> {
    const signs = db.collection<SignDocument>('desk_typing')
    await signs.createIndex({ until: 1 }, { expireAfterSeconds: 60 })
    return new TypingSigns(signs, options)
  }

  private constructor(signs: Collection<SignDocument>, options: TypingSignsOptions) {
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

  async typed(conversationId: string, personId: string): Promise<void> {
    const until = new Date(Date.now() + TYPING_STANDS_MS)
    await this.#signs.updateOne(
      { _id: `${conversationId} ${personId}` },
      { $set: { conversationId, personId, until } },
      { upsert: true },
    )
  }

  close(): Promise<void> {
    return this.#rounds.close()
  }

  async #tell(): Promise<void> {
    const signs = await this.#signs.find({ until: { $gt: new Date() } }).toArray()
    const fresh = signs.filter(({ _id, until }) => this.#told.get(_id) !== until.getTime())
    this.#told = new Map(signs.map(({ _id, until }) => [_id, until.getTime()]))
    if (fresh.length === 0) return
    const { conversations, name } = this.#options
    const found = await conversations.conversations([
      ...new Set(fresh.map(({ conversationId }) => conversationId)),
    ])
    const byId = new Map(found.map((conversation) => [conversation._id, conversation]))
    for (const { conversationId, personId } of fresh) {
      const conversation = byId.get(conversationId)
      if (conversation === undefined) continue
      const data = { conversationId, agentId: personId, name: name(personId) ?? personId }
      for (const { stream, sight, watched } of this.#desks) {
        const isOpenThere = conversation.agentId === sight.personId || watched.has(conversationId)
        if (sight.personId !== personId && isOpenThere && sight.sees(conversation))
          stream.send('typing', data)
      }
    }
  }
}
