import type { Collection, Db } from 'mongodb'

interface DraftDocument {
  readonly _id: string
  readonly text: string
  readonly leavesAt: Date
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

  /** Empty: there is none any more. */
  async setDraft(conversationId: string, personId: string, text: string): Promise<void> {
    const _id = `${conversationId} ${personId}`
    if (text === '') await this.#drafts.deleteOne({ _id })
    else await this.#drafts.updateOne({ _id }, { $set: { text, leavesAt: later() } }, { upsert: true })
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
