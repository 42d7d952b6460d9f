import type { ReadEvent } from '@parley/eventlog'
import { POOL } from '@parley/workforce'
import {
  type ConversationDocument,
  type ConversationModel,
  type MessageDocument,
  consoleConversations,
} from '../../../services/agent/src/adapters/read-models/conversation-documents.ts'
import { type PoolModel, deskPool } from '../../../services/agent/src/adapters/read-models/pool-store.ts'
import { Collections, type MemoryCollection } from './collections.ts'

/** What the agent service reads, folded by its own projections into collections in memory. */
export class ReadModels {
  readonly collections: Collections
  readonly conversations: ConversationModel
  readonly pool: PoolModel
  #held: ReadEvent[] | undefined

  static async open(): Promise<ReadModels> {
    const collections = new Collections()
    const [conversations, pool] = await Promise.all([
      consoleConversations.open(collections.db, 1),
      deskPool.open(collections.db, 1),
    ])
    return new ReadModels(collections, conversations, pool)
  }

  private constructor(collections: Collections, conversations: ConversationModel, pool: PoolModel) {
    this.collections = collections
    this.conversations = conversations
    this.pool = pool
  }

  /** Nobody writes documents for a while. @returns what writes them then */
  holds(): () => void {
    const held: ReadEvent[] = (this.#held = [])
    return () => {
      this.#held = undefined
      for (const event of held) this.take(event)
    }
  }

  /** Each event, in the order of the log. */
  take(event: ReadEvent): void {
    if (this.#held !== undefined) return void this.#held.push(event)
    const { streamId, streamVersion: seenVersion } = event.envelope
    const isPool = streamId === POOL
    const { types }: { readonly types: readonly string[] } = isPool ? deskPool : consoleConversations
    if (!types.includes(event.type)) return
    for (const { collection, route, fold } of isPool ? this.pool.documents : this.conversations.documents) {
      const { documents } = collection as unknown as MemoryCollection
      for (const id of route(event as never, false, [])) {
        const next = fold(documents.get(id), event as never, id, [])
        if (next !== undefined) documents.set(id, { ...next, _id: id, streamId, seenVersion })
      }
    }
  }

  conversation(id: string): ConversationDocument {
    const { documents } = this.conversations.collection as unknown as MemoryCollection
    const found = documents.get(id)
    if (found === undefined) throw new Error(`There is no ${id}.`)
    return found as unknown as ConversationDocument
  }

  /** In the order in which they began. */
  messages(conversationId: string): readonly MessageDocument[] {
    const { documents } = this.conversations.messages as unknown as MemoryCollection
    return [...documents.values()]
      .filter((document) => document['conversationId'] === conversationId)
      .map((document) => document as unknown as MessageDocument)
  }
}
