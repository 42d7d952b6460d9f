import { isRepeat } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'

interface DraftDocument {
  readonly _id: string
  readonly text: string
  /** Where it was written; empty: by whoever did not say. */
  readonly desk: string
  readonly leavesAt: Date
}

export interface SavedDraft {
  readonly text: string
  /** The window that it is written in. Undefined: it counts, whatever is there. */
  readonly desk?: string | undefined
  /** What another desk had written when this one read it. */
  readonly before?: string | undefined
}

interface ReadDocument {
  readonly _id: string
  readonly upTo: number
  readonly leavesAt: Date
}

const KEPT_MS = 30 * 24 * 60 * 60 * 1_000

/** What desks keep that is no fact about the customer, so not in the log: what somebody is writing, and how far the owner has read. */
export class DeskStore {
  readonly #drafts: Collection<DraftDocument>
  readonly #reads: Collection<ReadDocument>

  static async open(db: Db): Promise<DeskStore> {
    const drafts = db.collection<DraftDocument>('desk_drafts')
    const reads = db.collection<ReadDocument>('desk_reads')
    for (const collection of [drafts, reads])
      await collection.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 })
    return new DeskStore(drafts, reads)
  }

  private constructor(drafts: Collection<DraftDocument>, reads: Collection<ReadDocument>) {
    this.#drafts = drafts
    this.#reads = reads
  }

  async draft(conversationId: string, personId: string): Promise<string | null> {
    return (await this.#drafts.findOne({ _id: `${conversationId} ${personId}` }))?.text ?? null
  }

  /** In which of these the person has begun to write something. */
  async drafted(conversationIds: readonly string[], personId: string): Promise<ReadonlySet<string>> {
    if (conversationIds.length === 0) return new Set()
    const byId = new Map(conversationIds.map((id) => [`${id} ${personId}`, id]))
    const found = await this.#drafts
      .find({ _id: { $in: [...byId.keys()] } }, { projection: { _id: 1 } })
      .toArray()
    return new Set(found.flatMap(({ _id }) => byId.get(_id) ?? []))
  }

  /**
   * Empty: there is none any more. What one desk wrote another one replaces only where it says that it knows it: of two that are written in
   * at one time the later save would take the words of the other.
   * @returns whether it is kept
   */
  async setDraft(
    conversationId: string,
    personId: string,
    { text, desk, before = '' }: SavedDraft,
  ): Promise<boolean> {
    const _id = `${conversationId} ${personId}`
    const isKnown = desk === undefined ? {} : { $or: [{ desk }, { text: { $in: [text, before] } }] }
    if (text === '') {
      await this.#drafts.deleteOne({ _id, ...isKnown })
      return (await this.draft(conversationId, personId)) === null
    }
    const draft = { text, desk: desk ?? '', leavesAt: later() }
    const replaces = async (): Promise<boolean> => {
      const { matchedCount } = await this.#drafts.updateOne({ _id, ...isKnown }, { $set: draft })
      return matchedCount > 0
    }
    if (await replaces()) return true
    try {
      await this.#drafts.insertOne({ _id, ...draft })
      return true
    } catch (error) {
      if (!isRepeat(error)) throw error
      // There is one; perhaps since a moment ago, of this very desk.
      return replaces()
    }
  }

  /** By conversation: the version of its stream up to which its owner has read it. */
  async readUpTo(conversationIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (conversationIds.length === 0) return new Map()
    const found = await this.#reads.find({ _id: { $in: [...conversationIds] } }).toArray()
    return new Map(found.map(({ _id, upTo }) => [_id, upTo]))
  }

  async setRead(conversationId: string, upTo: number): Promise<void> {
    await this.#reads.updateOne(
      { _id: conversationId },
      { $max: { upTo }, $set: { leavesAt: later() } },
      { upsert: true },
    )
  }
}

const later = (): Date => new Date(Date.now() + KEPT_MS)
