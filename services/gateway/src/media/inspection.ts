import { fileTypeFromBuffer } from 'file-type'
import type { Look } from './kinds.ts'
import type { Bytes, Draft, MediaStore } from './media-store.ts'

/** A virus scanner. It reads the file, and throws where it cannot tell. */
export type Scan = (file: Bytes) => Promise<'clean' | 'infected'>

/** What file-type needs for what it knows, the parts of Office files before their first large one included. */
const LOOKED_AT_BYTES = 256 * 1024

export async function whole(file: Bytes): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of file) pieces.push(piece)
  return Buffer.concat(pieces)
}

export async function lookAt(store: MediaStore, draft: Draft): Promise<Look> {
  const head = await headOf(store.readDraft(draft), LOOKED_AT_BYTES)
  const seen = await fileTypeFromBuffer(head)
  // Mark-up is text with a name: nothing that a browser would run is taken for what it says.
  const mimeType = seen?.mime === 'application/xml' ? undefined : seen?.mime
  return { mimeType, isText: mimeType === undefined && isText(head) }
}

async function headOf(file: Bytes, bytesMax: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of file) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= bytesMax) break
  }
  return Buffer.concat(pieces).subarray(0, bytesMax)
}

// oxlint-disable-next-line no-control-regex -- what no text has
const CONTROL = /[\u0000-\u0008\u000E-\u001F]/

function isText(head: Buffer): boolean {
  try {
    // A character may be cut at the end.
    return !CONTROL.test(new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }))
  } catch {
    return false
  }
}
