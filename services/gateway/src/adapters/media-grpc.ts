import type { GatewayServiceService } from '@parley/proto/gateway'
import { type GrpcHandlers, grpcError, status } from '@parley/service'
import { whole } from '../media/inspection.ts'
import type { MediaStore } from '../media/media-store.ts'
import { type UploadingPorts, acceptUpload } from '../media/uploading.ts'
import { PieceMissing, type UploadPieces } from './mongo-upload-pieces.ts'

export type MediaHandlers = Pick<
  GrpcHandlers<typeof GatewayServiceService>,
  'putUploadPiece' | 'finishUpload' | 'readFile'
>

const PIECE_BYTES_MAX = 1024 * 1024
const PIECES_MAX = 1024
const UPLOAD_ID = /^[\w-]{1,64}$/
const SHA256 = /^[\da-f]{64}$/

const REFUSALS = {
  MEDIA_TOO_LARGE: [status.RESOURCE_EXHAUSTED, 'WhatsApp takes no file of this type that is so large.'],
  MEDIA_TYPE_REFUSED: [status.INVALID_ARGUMENT, 'WhatsApp does not take files of this type.'],
  MEDIA_INFECTED: [status.INVALID_ARGUMENT, 'The virus scanner refuses the file.'],
  MEDIA_EMPTY: [status.INVALID_ARGUMENT, 'The file is empty.'],
} as const

export function mediaGrpc(
  store: MediaStore,
  pieces: UploadPieces,
  ports: Omit<UploadingPorts, 'store'>,
): MediaHandlers {
  return {
    async putUploadPiece({ uploadId, index, bytes }) {
      if (!UPLOAD_ID.test(uploadId) || index >= PIECES_MAX || bytes.length > PIECE_BYTES_MAX)
        throw grpcError(status.INVALID_ARGUMENT, 'PIECE_INVALID', 'A piece has a number and at most 1 MiB.')
      await pieces.put(uploadId, index, bytes)
      return {}
    },
    async finishUpload({ uploadId, pieceCount, mimeType, filename }) {
      const count = Math.min(pieceCount, PIECES_MAX)
      try {
        const uploaded = await acceptUpload(
          pieces.read(uploadId, count),
          { mimeType, filename },
          { store, ...ports },
        )
        if (uploaded.outcome === 'stored') return { type: uploaded.type, file: uploaded.file }
        const [refused, why] = REFUSALS[uploaded.code]
        throw grpcError(refused, uploaded.code, why)
      } catch (error) {
        if (error instanceof PieceMissing)
          throw grpcError(status.NOT_FOUND, 'UPLOAD_UNKNOWN', 'Not all pieces of the file are here.')
        throw error
      } finally {
        await pieces.drop(uploadId)
      }
    },
    async readFile({ sha256, offset, length }) {
      const start = Number(offset)
      if (!SHA256.test(sha256) || length > PIECE_BYTES_MAX || !Number.isSafeInteger(start))
        throw grpcError(status.INVALID_ARGUMENT, 'PIECE_INVALID', 'A file has a hash, a piece at most 1 MiB.')
      const piece = await store.read(sha256, start, start + length)
      if (piece === undefined) throw grpcError(status.NOT_FOUND, 'FILE_UNKNOWN', 'There is no such file.')
      return { bytes: await whole(piece) }
    },
  }
}
