import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Collection, Db } from 'mongodb'

/** So long without a word a replica shows nobody anything: what ends its streams is measured by it (session-watch.ts). */
export const SILENT_MS_MAX = 5_000
/** And a little, because whoever waits for it sees its last word later than it was said. */
const GONE_AFTER_MS = SILENT_MS_MAX + 500
const ASKED_EVERY_MS = 50

interface ReplicaDocument {
  readonly _id: string
  /** By which an operator finds it. */
  readonly name: string
  /** The newest change of people that it has acted on. */
  readonly saw: number
  /** Grows with each word of it: that it lives is seen without comparing clocks. */
  readonly words: number
}

interface ChangesDocument {
  readonly _id: 'people'
  readonly revision: number
}

/**
 * Which replicas there are and what each has acted on, so that a change of people is known to be in force rather than hoped to be. Each
 * says so after every look at its sessions. One that says nothing for `SILENT_MS_MAX` has ended its streams by itself.
 */
export class Replicas {
  readonly #id = randomUUID()
  readonly #name: string
  readonly #replicas: Collection<ReplicaDocument>
  readonly #changes: Collection<ChangesDocument>
  readonly #words = new Set<Promise<unknown>>()
  #hasLeft = false

  constructor(db: Db, name: string) {
    this.#name = name
    this.#replicas = db.collection<ReplicaDocument>('replicas')
    this.#changes = db.collection<ChangesDocument>('changes')
  }

  /** Of the newest change: what is read after it holds the change. */
  async revision(): Promise<number> {
    return (await this.#changes.findOne({ _id: 'people' }))?.revision ?? 0
  }

  /** This replica has acted on all changes up to this one. */
  async saw(revision: number): Promise<void> {
    if (this.#hasLeft) return
    const word = this.#replicas.updateOne(
      { _id: this.#id },
      // An answer that was waited for no longer may come after the next one.
      { $set: { name: this.#name }, $max: { saw: revision }, $inc: { words: 1 } },
      { upsert: true },
    )
    this.#words.add(word)
    try {
      await word
    } finally {
      this.#words.delete(word)
    }
  }

  /** Nobody waits for it any more. A word under way is let through first: after this one it would stand for a replica that there is not. */
  async leave(): Promise<void> {
    this.#hasLeft = true
    await Promise.allSettled(this.#words)
    await this.#replicas.deleteOne({ _id: this.#id })
  }

  /**
   * After a change was written: waits until every replica that lives has acted on it.
   * @returns the names of those that had not within this time; none when it is in force everywhere
   */
  async actedOnChange(withinMs: number): Promise<readonly string[]> {
    const deadline = performance.now() + withinMs
    await this.#changes.updateOne({ _id: 'people' }, { $inc: { revision: 1 } }, { upsert: true })
    // Whoever sees a later number than ours sees our change as well.
    const revision = await this.revision()
    const heard = new Map<string, { readonly words: number; readonly atMs: number }>()
    for (;;) {
      const behind = await this.#replicas.find({ saw: { $lt: revision } }).toArray()
      const atMs = performance.now()
      const silent: ReplicaDocument[] = []
      for (const replica of behind) {
        const { _id, words } = replica
        const last = heard.get(_id)
        if (last?.words !== words) heard.set(_id, { words, atMs })
        else if (atMs - last.atMs > GONE_AFTER_MS) silent.push(replica)
      }
      // One that was only still says its next word as a new one.
      for (const { _id, words } of silent) await this.#replicas.deleteOne({ _id, words })
      if (behind.length === silent.length) return []
      if (atMs > deadline) return behind.filter((one) => !silent.includes(one)).map(({ name }) => name)
      await pause(ASKED_EVERY_MS)
    }
  }
}
