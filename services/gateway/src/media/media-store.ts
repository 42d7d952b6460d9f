import type { StoredFile } from '@parley/proto/content'

/** The bytes of a file, in pieces. */
export type Bytes = AsyncIterable<Uint8Array>

/** Bytes that were written and are nobody's yet: they are kept after they were looked at, or dropped. */
export interface Draft {
  readonly id: string
  /** Hex. */
  readonly sha256: string
  readonly bytes: number
}

export class FileTooLarge extends Error {
  readonly bytesMax: number
  constructor(bytesMax: number) {
    super(`The file has more than ${bytesMax} bytes.`)
    this.bytesMax = bytesMax
  }
}

/**
 * Files by the hash of their bytes: the same file is there once, whoever sent it. So a hash gives nobody a right to a file; that comes
 * from a message of a conversation. GridFS today; an S3-compatible store fits behind it as well.
 */
export interface MediaStore {
  /** @throws {FileTooLarge} as soon as there are more bytes; whatever the source throws. Nothing is left behind. */
  draft(source: Bytes, bytesMax: number): Promise<Draft>
  readDraft(draft: Draft): Bytes
  /** @param forMs then it goes (`dropUnsent`), unless it is kept for good by then; default: for good. The longest time for the same bytes counts. */
  keep(draft: Draft, mimeType: string, forMs?: number): Promise<StoredFile>
  /** What is not there is passed over. */
  keepForGood(sha256s: readonly string[]): Promise<void>
  drop(draft: Draft): Promise<void>
  find(sha256: string): Promise<StoredFile | undefined>
  /** Bytes from `start` to before `end`; undefined where there is no such file. */
  read(sha256: string, start: number, end: number): Promise<Bytes | undefined>
}
