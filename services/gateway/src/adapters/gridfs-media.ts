import { createHash } from 'node:crypto'
import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { StoredFile } from '@parley/proto/content'
import { type Collection, type Db, GridFSBucket, ObjectId } from 'mongodb'
import { type Draft, FileTooLarge, type MediaStore } from '../media/media-store.ts'

/** `_id` is the SHA-256 of the bytes, hex. */
interface FileDocument {
  _id: string
  fileId: ObjectId
  mimeType: string
  bytes: number
  storedAt: Date
  /** It goes then; none: it stays. */
  leavesAt?: Date
}

/** Written before the first byte, gone when the file is kept or dropped: what a crash leaves is found by it. */
interface DraftDocument {
  _id: ObjectId
  begunAt: Date
}

const LEFT_BEHIND_AFTER_MS = 60 * 60_000

export interface GridFsMedia extends MediaStore {
  /** Drops what processes left behind that died while they wrote. */
  sweep(): Promise<void>
  /** Drops what was kept for a time that is over. */
  dropUnsent(): Promise<void>
}

export async function gridFsMedia(db: Db): Promise<GridFsMedia> {
  const bucket = new GridFSBucket(db, { bucketName: 'media' })
  const files: Collection<FileDocument> = db.collection('media_files')
  const drafts: Collection<DraftDocument> = db.collection('media_drafts')
  await files.createIndexes([
    { key: { fileId: 1 }, name: 'of-bytes' },
    { key: { leavesAt: 1 }, name: 'leaves' },
  ])

  /** GridFSBucket.delete stops at a file that was not finished. */
  const dropBytes = async (fileId: ObjectId): Promise<void> => {
    await db.collection('media.files').deleteOne({ _id: fileId })
    await db.collection('media.chunks').deleteMany({ files_id: fileId })
    await drafts.deleteOne({ _id: fileId })
  }

  /** The answer to the keeping may have been lost: then the file is kept, and its bytes must not go. */
  const dropUnlessKept = async (fileId: ObjectId): Promise<void> => {
    if ((await files.findOne({ fileId }, { projection: { _id: 1 } })) === null) await dropBytes(fileId)
    else await drafts.deleteOne({ _id: fileId })
  }

  const keepForGood = async (sha256s: readonly string[]): Promise<number> =>
    (await files.updateMany({ _id: { $in: [...sha256s] } }, { $unset: { leavesAt: '' } })).matchedCount

  /** What is there already stays for as long as this one would. @returns false where it went meanwhile */
  const staysToo = async (sha256: string, leavesAt: Date | undefined): Promise<boolean> => {
    if (leavesAt === undefined) return (await keepForGood([sha256])) === 1
    const leaving = { _id: sha256, leavesAt: { $exists: true } }
    const { matchedCount } = await files.updateOne(leaving, { $max: { leavesAt } })
    return matchedCount === 1 || (await files.countDocuments({ _id: sha256 })) === 1
  }

  return {
    async draft(source, bytesMax) {
      const fileId = new ObjectId()
      await drafts.insertOne({ _id: fileId, begunAt: new Date() })
      const hash = createHash('sha256')
      let bytes = 0
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const piece of source) {
          bytes += piece.length
          if (bytes > bytesMax) throw new FileTooLarge(bytesMax)
          hash.update(piece)
          yield piece
        }
      }
      const upload = bucket.openUploadStreamWithId(fileId, '')
      // It is told by the piece that could not be written as well.
      upload.on('error', () => {})
      try {
        // Each is there before the next is asked for: one that is on its way where the source breaks off would come after all was dropped.
        for await (const piece of counted()) await written(upload, piece)
        upload.end()
        await finished(upload)
      } catch (error) {
        upload.destroy()
        await dropBytes(fileId)
        throw error
      }
      return { id: fileId.toHexString(), sha256: hash.digest('hex'), bytes }
    },
    readDraft: ({ id }) => bucket.openDownloadStream(new ObjectId(id)),
    async keep({ id, sha256, bytes }: Draft, mimeType, forMs) {
      const fileId = new ObjectId(id)
      const storedAt = new Date()
      const leavesAt = forMs === undefined ? undefined : new Date(storedAt.getTime() + forMs)
      const file = { fileId, mimeType, bytes, storedAt, ...(leavesAt && { leavesAt }) }
      for (;;) {
        const { upsertedCount } = await files.updateOne(
          { _id: sha256 },
          { $setOnInsert: file },
          { upsert: true },
        )
        if (upsertedCount === 1) await drafts.deleteOne({ _id: fileId })
        // These bytes are here already.
        else if (await staysToo(sha256, leavesAt)) await dropUnlessKept(fileId)
        else continue
        return { sha256, mimeType, bytes: BigInt(bytes) }
      }
    },
    async keepForGood(sha256s) {
      await keepForGood(sha256s)
    },
    drop: ({ id }) => dropUnlessKept(new ObjectId(id)),
    async find(sha256): Promise<StoredFile | undefined> {
      const found = await files.findOne({ _id: sha256 })
      return found === null ? undefined : { sha256, mimeType: found.mimeType, bytes: BigInt(found.bytes) }
    },
    async read(sha256, start, end) {
      const found = await files.findOne({ _id: sha256 }, { projection: { fileId: 1, bytes: 1 } })
      if (found === null) return undefined
      const upTo = Math.min(end, found.bytes)
      if (start >= upTo) return Readable.from([])
      return bucket.openDownloadStream(found.fileId, { start, end: upTo })
    },
    async sweep() {
      const left = drafts.find({ begunAt: { $lt: new Date(Date.now() - LEFT_BEHIND_AFTER_MS) } })
      for await (const { _id } of left) {
        await dropUnlessKept(_id)
      }
    },
    async dropUnsent() {
      const now = new Date()
      const isOver = { leavesAt: { $lt: now } }
      for await (const { _id, fileId } of files.find(isOver)) {
        // Whoever dies in between leaves bytes that are swept by this.
        await drafts.updateOne({ _id: fileId }, { $setOnInsert: { begunAt: now } }, { upsert: true })
        await files.deleteOne({ _id, fileId, ...isOver })
        await dropUnlessKept(fileId)
      }
    },
  }
}

const written = (into: Writable, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => into.write(piece, (error) => (error == null ? resolve() : reject(error))))
