import type { StoredFile } from '@parley/proto/content'
import { type Scan, lookAt } from './inspection.ts'
import { BYTES_MAX, type MediaType, receivedAs } from './kinds.ts'
import { type Bytes, type Draft, FileTooLarge, type MediaStore } from './media-store.ts'

/** Why a file cannot be had; MediaUnavailable has it. */
export type UnavailableReason =
  | 'gone'
  | 'too_large'
  | 'wrong_hash'
  | 'wrong_kind'
  | 'infected'
  | 'address_refused'
  | 'redirected'
  | 'unreachable'

/** A file at the channel, being read. */
export type Opened =
  | {
      readonly outcome: 'open'
      readonly body: Bytes & { destroy(): unknown }
      /** By the channel; undefined where it does not say. */
      readonly bytes: number | undefined
      readonly sha256: string
    }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason }
  /** It may be had later. */
  | { readonly outcome: 'later'; readonly reason: string }

export interface WantedFile {
  readonly mediaId: string
  readonly type: MediaType
  /** As the webhook says it: base64 or hex; empty where it says none. */
  readonly sha256: string
  readonly mimeType: string
}

export interface ReceivingPorts {
  readonly store: MediaStore
  /** Ends with `signal`; the body too. */
  open(signal: AbortSignal): Promise<Opened>
  readonly scan: Scan | undefined
}

export type Received =
  | { readonly outcome: 'stored'; readonly file: StoredFile }
  | Exclude<Opened, { readonly outcome: 'open' }>
  /** The bytes are not those that the sender's phone hashed: cut on the way, or changed. */
  | { readonly outcome: 'changed' }

/** One try: fetched with a cap and a deadline, hashed, looked at, scanned, and only then kept. */
export async function receiveFile(
  wanted: WantedFile,
  { store, open, scan }: ReceivingPorts,
  timeoutMs: number,
): Promise<Received> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const opened = await open(deadline)
  if (opened.outcome !== 'open') return opened
  const bytesMax = BYTES_MAX[wanted.type]
  if ((opened.bytes ?? 0) > bytesMax) {
    opened.body.destroy()
    return { outcome: 'unavailable', reason: 'too_large' }
  }
  let draft: Draft
  try {
    draft = await store.draft(opened.body, bytesMax)
  } catch (error) {
    if (error instanceof FileTooLarge) return { outcome: 'unavailable', reason: 'too_large' }
    return { outcome: 'later', reason: deadline.aborted ? 'deadline' : 'broken_off' }
  }
  let isKept = false
  try {
    if (!isSameHash(draft.sha256, wanted.sha256) || !isSameHash(draft.sha256, opened.sha256))
      return { outcome: 'changed' }
    const mimeType = receivedAs(wanted.type, await lookAt(store, draft), wanted.mimeType)
    if (mimeType === undefined) return { outcome: 'unavailable', reason: 'wrong_kind' }
    if ((await scan?.(store.readDraft(draft))) === 'infected')
      return { outcome: 'unavailable', reason: 'infected' }
    const file = await store.keep(draft, mimeType)
    isKept = true
    return { outcome: 'stored', file }
  } finally {
    if (!isKept) await store.drop(draft)
  }
}

/** Meta writes hashes in base64 in webhooks and in hex elsewhere. None is as good as the right one. */
function isSameHash(hex: string, said: string): boolean {
  if (said === '') return true
  return said.toLowerCase() === hex || Buffer.from(said, 'base64').toString('hex') === hex
}
