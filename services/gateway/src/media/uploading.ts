import type { StoredFile } from '@parley/proto/content'
import { type Scan, lookAt, whole } from './inspection.ts'
import { BYTES_MAX, type MediaType, pictureBytesMax, sendableAs } from './kinds.ts'
import { type Bytes, type Draft, FileTooLarge, type MediaStore } from './media-store.ts'

export type UploadRefusal = 'MEDIA_TOO_LARGE' | 'MEDIA_TYPE_REFUSED' | 'MEDIA_INFECTED' | 'MEDIA_EMPTY'

export type Uploaded =
  | { readonly outcome: 'stored'; readonly type: MediaType; readonly file: StoredFile }
  | { readonly outcome: 'refused'; readonly code: UploadRefusal; readonly bytesMax?: number }

/** As it came, with what its camera wrote beside it. */
export interface Picture {
  /** Asked for when it is its turn: until then it holds no memory. */
  read(): Promise<Buffer>
  readonly mimeType: string
  /** What it may have as it goes out. */
  bytesMax(picture: Buffer): number
}

export interface UploadingPorts {
  readonly store: MediaStore
  readonly scan: Scan | undefined
  /** A picture without what its camera wrote beside it: place, time, device; within `bytesMax` if it can be. Throws where it is no picture. */
  withoutMetadata(picture: Picture): Promise<Buffer>
}

/**
 * A file can be sent for a day after it was uploaded, by its uploader. What is to be sent then is kept for good as soon as it is read from
 * the log, for which there are two weeks: its stream may be parked over a long weekend. The rest goes.
 */
const UNSENT_KEPT_MS = 15 * 24 * 60 * 60_000

const PICTURES: ReadonlySet<MediaType> = new Set(['image', 'sticker'])

/** A file that one of the company's people wants to send: told by its bytes, within WhatsApp's limits, pictures without metadata. */
export async function acceptUpload(
  source: Bytes,
  said: { readonly mimeType: string; readonly filename: string },
  { store, scan, withoutMetadata }: UploadingPorts,
): Promise<Uploaded> {
  const tooLarge = (bytesMax: number): Uploaded => ({ outcome: 'refused', code: 'MEDIA_TOO_LARGE', bytesMax })
  let draft: Draft
  try {
    draft = await store.draft(source, BYTES_MAX.document)
  } catch (error) {
    if (error instanceof FileTooLarge) return tooLarge(error.bytesMax)
    throw error
  }
  let isKept = false
  try {
    if (draft.bytes === 0) return { outcome: 'refused', code: 'MEDIA_EMPTY' }
    const kind = sendableAs(await lookAt(store, draft), said)
    if (kind === undefined) return { outcome: 'refused', code: 'MEDIA_TYPE_REFUSED' }
    const bytesMax = BYTES_MAX[kind.type]
    if (draft.bytes > bytesMax) return tooLarge(bytesMax)
    if ((await scan?.(store.readDraft(draft))) === 'infected')
      return { outcome: 'refused', code: 'MEDIA_INFECTED' }
    if (PICTURES.has(kind.type)) {
      const original = draft
      let isRead = false
      let picture: Buffer
      try {
        picture = await withoutMetadata({
          async read() {
            const bytes = await whole(store.readDraft(original))
            isRead = true
            return bytes
          },
          mimeType: kind.mimeType,
          bytesMax: (bytes) => pictureBytesMax(kind.type, bytes),
        })
      } catch (error) {
        // Of a store that is away nothing is known about the file.
        if (!isRead) throw error
        // It begins like a picture and is none.
        return { outcome: 'refused', code: 'MEDIA_TYPE_REFUSED' }
      }
      const pictureMax = pictureBytesMax(kind.type, picture)
      if (picture.length > pictureMax) return tooLarge(pictureMax)
      draft = await store.draft(onePiece(picture), bytesMax)
      await store.drop(original)
    }
    const file = await store.keep(draft, kind.mimeType, UNSENT_KEPT_MS)
    isKept = true
    return { outcome: 'stored', type: kind.type, file }
  } finally {
    if (!isKept) await store.drop(draft)
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
