import { type ReadEvent, type ReaderBatch, repeatsIn } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'
import { type RawEvent, rawEventOf } from '../record/raw-event.ts'

/** The log holds other bytes at a place that is archived already: another log, or one that was altered. */
export class ArchiveMismatch extends Error {
  readonly code = 'ARCHIVE_LOG_MISMATCH'
  constructor(id: string) {
    super(
      `The log's record at ${id} is not the one that the archive keeps of that place. ` +
        'Was the log made anew while the archive database stayed? Use another PARLEY_NAMESPACE, or restore the log.',
    )
  }
}

/** The driver writes 64-bit integers from bigint and reads them as number. */
type StoredRawEvent = Omit<RawEvent, 'offset'> & { readonly offset: bigint | number }

export interface RawArchive {
  /** Append-only; what is there already stays, and is compared. @throws {ArchiveMismatch} */
  keep(batch: Pick<ReaderBatch, 'events' | 'superseded'>): Promise<void>
  /** The accepted records of a conversation up to and with a version of its stream, in stream order. */
  ofConversation(conversationId: string, throughVersion: number): Promise<readonly RawEvent[]>
}

export async function rawArchive(db: Db): Promise<RawArchive> {
  const collection: Collection<StoredRawEvent> = db.collection('raw_events', { promoteBuffers: true })
  await collection.createIndex({ conversationId: 1, streamVersion: 1 })

  async function compare(records: readonly RawEvent[]): Promise<void> {
    const hashes = new Map(records.map(({ _id, hash }) => [_id, hash]))
    const kept = collection.find({ _id: { $in: [...hashes.keys()] } }, { projection: { hash: 1 } })
    for await (const { _id, hash } of kept)
      if (Buffer.compare(hash, hashes.get(_id) ?? hash) !== 0) throw new ArchiveMismatch(_id)
  }

  return {
    async keep({ events, superseded }) {
      const kept = (event: ReadEvent, accepted: boolean) => rawEventOf(event, event.record, accepted)
      const records = [
        ...events.map((event) => kept(event, true)),
        ...superseded.map((event) => kept(event, false)),
      ]
      if (records.length === 0) return
      try {
        await collection.insertMany(records, { ordered: false })
      } catch (error) {
        repeatsIn(error)
        await compare(records)
      }
    },

    async ofConversation(conversationId, throughVersion) {
      const found = await collection
        .find({ conversationId, accepted: true, streamVersion: { $lte: throughVersion } })
        .sort({ streamVersion: 1 })
        .toArray()
      return found.map((record) => ({ ...record, offset: BigInt(record.offset) }))
    },
  }
}
