import type { StoredFile } from '@parley/proto/content'
import { isRepeat } from '@parley/eventlog'
import type { Collection, Db } from 'mongodb'
import { updatedOrBegun } from '../updated-or-begun.ts'

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

/** What one person has uploaded on one day. */
interface DayDocument {
  /** The person's id and the day. */
  readonly _id: string
  readonly bytes: number
  readonly leavesAt: Date
}

const DAY_MS = 24 * 60 * 60 * 1_000

/** Files that people have uploaded and may send: each person their own, for a day. */
export class UploadStore {
  readonly #uploads: Collection<UploadDocument>
  readonly #days: Collection<DayDocument>
  readonly #bytesPerDayMax: number
  readonly #now: () => Date

  /** @param bytesPerDayMax of one person, on one day (UTC) */
  static async open(db: Db, bytesPerDayMax: number, now: () => Date): Promise<UploadStore> {
    const uploads = db.collection<UploadDocument>('desk_uploads')
    const days = db.collection<DayDocument>('desk_upload_days')
    for (const kept of [uploads, days]) await kept.createIndex({ leavesAt: 1 }, { expireAfterSeconds: 0 })
    return new UploadStore(uploads, days, bytesPerDayMax, now)
  }

  private constructor(
    uploads: Collection<UploadDocument>,
    days: Collection<DayDocument>,
    bytesPerDayMax: number,
    now: () => Date,
  ) {
    this.#uploads = uploads
    this.#days = days
    this.#bytesPerDayMax = bytesPerDayMax
    this.#now = now
  }

  /**
   * Counts what a person is about to store, whatever becomes of it: what is refused and what breaks off takes room as well.
   * @returns how long until they may store anything again, in seconds; undefined: they may store this
   */
  async count(personId: string, bytes: number): Promise<number | undefined> {
    const day = Math.floor(this.#now().getTime() / DAY_MS)
    const leavesAt = new Date((day + 1) * DAY_MS)
    const counted = await updatedOrBegun(this.#days, `${personId} ${day}`, {
      $inc: { bytes },
      $setOnInsert: { leavesAt },
    })
    if ((counted?.bytes ?? bytes) <= this.#bytesPerDayMax) return undefined
    return Math.ceil((leavesAt.getTime() - this.#now().getTime()) / 1_000)
  }

  /** @returns whether it is kept under this id: false where another one is */
  async keep(personId: string, _id: string, { type, file, filename }: Upload): Promise<boolean> {
    const { sha256, mimeType } = file
    const leavesAt = new Date(this.#now().getTime() + DAY_MS)
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

  /** Undefined: nobody uploaded one of this id, or more than a day ago: its file may be gone. Of another person only that there is one. */
  async find(personId: string, uploadId: string): Promise<Upload | 'of another' | undefined> {
    const found = await this.#uploads.findOne({ _id: uploadId, leavesAt: { $gt: this.#now() } })
    if (found === null) return undefined
    if (found.personId !== personId) return 'of another'
    const { type, sha256, mimeType, bytes, filename } = found
    return { type, filename, file: { sha256, mimeType, bytes: BigInt(bytes) } }
  }
}
