import { randomUUID } from 'node:crypto'
import type { StoredFile } from '@parley/proto/content'
import type { FinishUploadResponse, GatewayServiceClient } from '@parley/proto/gateway'
import { GrpcError, HttpRefusal, grpcCall, status } from '@parley/service'

/** Files, by way of the gateway, which holds them. */
export interface MediaFiles {
  /** @throws {HttpRefusal} for what WhatsApp does not take */
  store(
    source: AsyncIterable<Uint8Array>,
    said: { readonly mimeType: string; readonly filename: string },
  ): Promise<{ readonly type: string; readonly file: StoredFile }>
  read(sha256: string, offset: number, length: number): Promise<Uint8Array>
}

const PIECE_BYTES = 512 * 1024
const PIECE_WITHIN_MS = 15_000
/** A large picture is written anew, a large document read whole. */
const CHECKED_WITHIN_MS = 60_000

export function mediaFilesOf(client: GatewayServiceClient): MediaFiles {
  const put = (uploadId: string, index: number, bytes: Buffer) =>
    grpcCall(client, 'putUploadPiece', { uploadId, index, bytes }, { timeoutMs: PIECE_WITHIN_MS })
  return {
    async store(source, { mimeType, filename }) {
      const uploadId = randomUUID()
      let pieceCount = 0
      let held: Buffer[] = []
      let heldBytes = 0
      const flush = async (): Promise<void> => {
        await put(uploadId, pieceCount, Buffer.concat(held))
        pieceCount += 1
        held = []
        heldBytes = 0
      }
      for await (const piece of source) {
        for (let at = 0; at < piece.length;) {
          const part = piece.subarray(at, at + PIECE_BYTES - heldBytes)
          held.push(Buffer.from(part))
          heldBytes += part.length
          at += part.length
          if (heldBytes === PIECE_BYTES) await flush()
        }
      }
      if (heldBytes > 0) await flush()
      const { type, file } = await finished(
        grpcCall(
          client,
          'finishUpload',
          { uploadId, pieceCount, mimeType, filename },
          { timeoutMs: CHECKED_WITHIN_MS },
        ),
      )
      if (file === undefined) throw new Error('The gateway keeps a file and does not say which.')
      return { type, file }
    },
    async read(sha256, offset, length) {
      const request = { sha256, offset: BigInt(offset), length }
      return (await grpcCall(client, 'readFile', request, { timeoutMs: PIECE_WITHIN_MS })).bytes
    },
  }
}

async function finished(answer: Promise<FinishUploadResponse>): Promise<FinishUploadResponse> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof GrpcError)) throw error
    if (error.status === status.RESOURCE_EXHAUSTED) throw new HttpRefusal(413, error.code, error.message)
    if (error.status === status.INVALID_ARGUMENT) throw new HttpRefusal(422, error.code, error.message)
    throw error
  }
}
