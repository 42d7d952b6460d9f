import type { StoredFile } from '@parley/proto/content'
import type { Bytes } from './media-store.ts'
import type { CallResult } from '../sending/answer.ts'

/** The channel's id of a file that we hold, or why there is none. */
export type ChannelFile =
  | { readonly outcome: 'ready'; readonly mediaId: string }
  | { readonly outcome: 'later' }
  | { readonly outcome: 'failed'; readonly code: number; readonly title: string }

export interface ChannelFilesPorts {
  /** What the channel was given before and still has. */
  known(accountId: string, sha256: string): Promise<string | undefined>
  remember(accountId: string, sha256: string, mediaId: string): Promise<void>
  read(sha256: string, start: number, end: number): Promise<Bytes | undefined>
  upload(
    accountId: string,
    file: { readonly mimeType: string; readonly bytes: number; readonly body: Bytes },
  ): Promise<CallResult>
}

/** Media upload error; https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes */
const UPLOAD_FAILED = 131_053

/** Gives a file to the channel before it is sent, once for all messages that have it. A repeat costs a copy there and nothing else. */
export async function channelFile(
  accountId: string,
  file: StoredFile,
  { known, remember, read, upload }: ChannelFilesPorts,
): Promise<ChannelFile> {
  const { sha256, mimeType } = file
  const before = await known(accountId, sha256)
  if (before !== undefined) return { outcome: 'ready', mediaId: before }
  const bytes = Number(file.bytes)
  const body = await read(sha256, 0, bytes)
  if (body === undefined)
    return { outcome: 'failed', code: UPLOAD_FAILED, title: 'The file is not in the media store.' }
  const result = await upload(accountId, { mimeType, bytes, body })
  if (result.outcome !== 'answered') return { outcome: 'later' }
  const { id, error } = (result.json ?? {}) as { id?: unknown; error?: { code?: unknown } }
  if (result.status === 200 && typeof id === 'string') {
    await remember(accountId, sha256, id)
    return { outcome: 'ready', mediaId: id }
  }
  // The token and the limits concern every message: they wait for whoever mends them, as the sending itself does.
  const isOfFile = result.status === 400 && (error?.code === 100 || error?.code === UPLOAD_FAILED)
  return isOfFile
    ? { outcome: 'failed', code: UPLOAD_FAILED, title: 'The channel does not take the file.' }
    : { outcome: 'later' }
}
