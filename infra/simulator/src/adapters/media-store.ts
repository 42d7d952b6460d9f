import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto'

export interface StoredMedia {
  readonly id: string
  readonly mimeType: string
  readonly bytes: Buffer
  readonly sha256: Buffer
  readonly filename: string | undefined
}

const keptBytesMax = 256 * 1024 * 1024
const urlLivesSeconds = 300

/** Uploaded media in memory, the oldest dropped beyond 256 MB; download URLs live five minutes, as Meta's. */
export const mediaStore = (now: () => number) => {
  const media = new Map<string, StoredMedia>()
  const secret = randomBytes(16)
  let keptBytes = 0

  const drop = (id: string): boolean => {
    keptBytes -= media.get(id)?.bytes.length ?? 0
    return media.delete(id)
  }
  const tag = (id: string, expires: string): string =>
    createHmac('sha256', secret).update(`${id}:${expires}`).digest('base64url')

  return {
    add: (mimeType: string, bytes: Buffer, filename?: string): StoredMedia => {
      const id = `${randomInt(10 ** 7, 10 ** 8)}${randomInt(10 ** 7, 10 ** 8)}`
      const sha256 = createHash('sha256').update(bytes).digest()
      const stored = { id, mimeType, bytes, sha256, filename }
      media.set(id, stored)
      keptBytes += bytes.length
      for (const oldest of media.keys()) {
        if (keptBytes <= keptBytesMax || oldest === id) break
        drop(oldest)
      }
      return stored
    },
    get: (id: string): StoredMedia | undefined => media.get(id),
    drop,
    downloadPath: (id: string): string => {
      const expires = String(Math.floor(now() / 1000) + urlLivesSeconds)
      return `/whatsapp_business/attachments/?mid=${id}&ext=${expires}&hash=${tag(id, expires)}`
    },
    atDownloadPath: (id: string, expires: string, hash: string): StoredMedia | undefined =>
      tag(id, expires) === hash && Number(expires) * 1000 > now() ? media.get(id) : undefined,
  }
}

export type MediaStore = ReturnType<typeof mediaStore>
