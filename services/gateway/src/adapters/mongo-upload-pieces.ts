import { Binary, type Collection, type Db } from 'mongodb'

interface PieceDocument {
  _id: string
  uploadId: string
  bytes: Binary
  at: Date
}

/** Pieces of a file that is being sent to us, by whichever of the gateways. */
export interface UploadPieces {
  put(uploadId: string, index: number, bytes: Uint8Array): Promise<void>
  /** All of them, in order. @throws {PieceMissing} */
  read(uploadId: string, count: number): AsyncIterable<Uint8Array>
  drop(uploadId: string): Promise<void>
}

export class PieceMissing extends Error {}

const KEPT_SECONDS = 60 * 60

export async function mongoUploadPieces(db: Db): Promise<UploadPieces> {
  const pieces: Collection<PieceDocument> = db.collection('upload_pieces')
  await pieces.createIndexes([
    { key: { at: 1 }, name: 'kept', expireAfterSeconds: KEPT_SECONDS },
    { key: { uploadId: 1 }, name: 'of-upload' },
  ])
  const idOf = (uploadId: string, index: number): string => `${uploadId}/${index}`
  return {
    async put(uploadId, index, bytes) {
      const piece = { uploadId, bytes: new Binary(bytes), at: new Date() }
      await pieces.replaceOne({ _id: idOf(uploadId, index) }, piece, { upsert: true })
    },
    async *read(uploadId, count) {
      for (let index = 0; index < count; index += 1) {
        const piece = await pieces.findOne({ _id: idOf(uploadId, index) })
        if (piece === null) throw new PieceMissing(`Piece ${index} of ${count} is not here.`)
        yield piece.bytes.buffer
      }
    },
    async drop(uploadId) {
      await pieces.deleteMany({ uploadId })
    },
  }
}
