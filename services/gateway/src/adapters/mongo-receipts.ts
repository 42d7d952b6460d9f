import type { Db } from 'mongodb'
import type { SenderPorts } from '../sending/sender.ts'

export interface MongoReceipts {
  /** WhatsApp reported `sent` for that message. Returns at once: what a second brings is written down together. */
  came(accountId: string, messageId: string): void
  readonly latestCall: SenderPorts['receipts']['latestCall']
  /** Writes down what has come. */
  drain(): Promise<void>
}

interface ReceiptsDocument {
  _id: string
  /** Of the latest call of which `sent` was reported. */
  calledAt: Date
}

const EVERY_MS = 1_000
/** A few of each second tell as much as all of them: the latest is what counts. */
const KEPT_OF_ACCOUNT = 8

/**
 * Whether WhatsApp's reports of a number arrive at all, and up to which call: by that an attempt without a report is judged. In the store,
 * because webhooks come to any gateway and another one may own the attempt.
 */
export function mongoReceipts(db: Db, trouble: (error: unknown) => void): MongoReceipts {
  const receipts = db.collection<ReceiptsDocument>('receipts')
  const outbox = db.collection<{ _id: string; accountId: string; attempt: number; attemptAt?: Date }>(
    'outbox',
  )
  let come = new Map<string, string[]>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const known = new Map<string, { readonly at: number; readonly calledAt: Promise<number> }>()

  const write = async (): Promise<void> => {
    const messageIds = [...come.values()].flat()
    come = new Map()
    if (messageIds.length === 0) return
    const calls = await outbox
      // The time of a second attempt says nothing about when the first one, which the report may be of, was made.
      .find({ _id: { $in: messageIds }, attempt: 1 }, { projection: { accountId: 1, attemptAt: 1 } })
      .toArray()
    const latest = new Map<string, Date>()
    for (const { accountId, attemptAt } of calls)
      if (attemptAt !== undefined && attemptAt > (latest.get(accountId) ?? 0))
        latest.set(accountId, attemptAt)
    if (latest.size === 0) return
    await receipts.bulkWrite(
      [...latest].map(([_id, calledAt]) => ({
        updateOne: { filter: { _id }, update: { $max: { calledAt } }, upsert: true },
      })),
      { ordered: false },
    )
  }
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    // What is lost here is made good by the receipts of the next second.
    writing = writing.then(write).catch(trouble)
  }

  return {
    came(accountId, messageId) {
      const messageIds = come.get(accountId) ?? []
      come.set(accountId, [...messageIds.slice(1 - KEPT_OF_ACCOUNT), messageId])
      timer ??= setTimeout(flush, EVERY_MS)
    },
    latestCall(accountId) {
      const last = known.get(accountId)
      if (last !== undefined && performance.now() - last.at < EVERY_MS) return last.calledAt
      const calledAt = receipts.findOne({ _id: accountId }).then((found) => found?.calledAt.getTime() ?? 0)
      known.set(accountId, { at: performance.now(), calledAt })
      return calledAt
    },
    async drain() {
      flush()
      await writing
    },
  }
}
