import type { StoredFile } from '@parley/proto/content'
import { isRepeat } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'

export interface Upload {
  readonly type: string
  readonly file: StoredFile
  readonly filename: string
}

interface UploadDocument {
  readonly _id: string
  readonly personId: string
  readonly type: string
  readonly sha256: string
  readonly mimeType: string
  readonly bytes: number
  readonly filename: string
  readonly leavesAt: Date
}

const KEPT_MS = 24 * 60 * 60 * 1_000

/** Files that people have uploaded and may send: each person their own, for a day. */
export class UploadStore {
  readonly #uploads: Collection<UploadDocument>

  static async open(db: Db): Promise<UploadStore> {
    const uploads = db.collection<UploadDocument>('desk_uploads')
    await uploads.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 })
    return new UploadStore(uploads)
  }

  private constructor(uploads: Collection<UploadDocument>) {
    this.#uploads = uploads
  }

  /** @returns whether it is kept under this id: false where another one is */
  async keep(personId: string, _id: string, { type, file, filename }: Upload): Promise<boolean> {
    const { sha256, mimeType } = file
    const leavesAt = new Date(Date.now() + KEPT_MS)
    const bytes = Number(file.bytes)
    const upload = { personId, type, sha256, mimeType, bytes, filename }
    try {
      await this.#uploads.insertOne({ _id, ...upload, leavesAt })
      return true
    } catch (error) {
      if (!isRepeat(error)) throw error
      return (await this.#uploads.findOne({ _id, ...upload })) !== null
    }
  }

  /** Undefined: this person uploaded none of this id. */
  async find(personId: string, uploadId: string): Promise<Upload | undefined> {
    const found = await this.#uploads.findOne({ _id: uploadId, personId })
    if (found === null) return undefined
    const { type, sha256, mimeType, bytes, filename } = found
    return { type, filename, file: { sha256, mimeType, bytes: BigInt(bytes) } }
  }
}
