import { createHash } from 'node:crypto'
import type { MediaFiles } from '../../../services/agent/src/adapters/media/files.ts'

/** The gateway's store of files. @param open what is taken waits for this */
export function memoryFiles(open: () => Promise<void>): MediaFiles {
  const files = new Map<string, Buffer>()
  return {
    async store(source, { mimeType }) {
      const pieces: Uint8Array[] = []
      for await (const piece of source) pieces.push(piece)
      await open()
      const bytes = Buffer.concat(pieces)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      files.set(sha256, bytes)
      const type = mimeType.startsWith('audio/') ? 'audio' : 'image'
      return { type, file: { sha256, mimeType, bytes: BigInt(bytes.length) } }
    },
    async read(sha256, offset, length) {
      return files.get(sha256)?.subarray(offset, offset + length) ?? new Uint8Array()
    },
  }
}
