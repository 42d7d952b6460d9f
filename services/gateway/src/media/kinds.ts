import { oneOf } from '@parley/kernel'

/** What a message of WhatsApp can be made of a file. */
export const MEDIA_TYPES = ['image', 'audio', 'video', 'document', 'sticker'] as const
export type MediaType = (typeof MEDIA_TYPES)[number]

export const isMediaType = oneOf(MEDIA_TYPES)

const MEBIBYTE = 1024 * 1024

/** https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types */
export const BYTES_MAX: Readonly<Record<MediaType, number>> = {
  image: 5 * MEBIBYTE,
  audio: 16 * MEBIBYTE,
  video: 16 * MEBIBYTE,
  document: 100 * MEBIBYTE,
  sticker: 500 * 1024,
}

const STILL_STICKER_BYTES_MAX = 100 * 1024

/** Of a picture as it would go out: a sticker that does not move may have less than one that does. */
export function pictureBytesMax(type: MediaType, bytes: Buffer): number {
  return type === 'sticker' && !isAnimated(bytes) ? STILL_STICKER_BYTES_MAX : BYTES_MAX[type]
}

/** https://developers.google.com/speed/webp/docs/riff_container#extended_file_format */
const isAnimated = (webp: Buffer): boolean =>
  webp.toString('latin1', 12, 16) === 'VP8X' && ((webp[20] ?? 0) & 0b10) !== 0

/** What the bytes of a file say. */
export interface Look {
  /** A media type, or undefined where they do not tell: text has no mark of its own. */
  readonly mimeType: string | undefined
  /** UTF-8 without control characters, as far as it was looked at. */
  readonly isText: boolean
}

/** Names that the same thing has. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/opus', 'audio/ogg'],
  ['video/x-m4v', 'video/mp4'],
])

const plain = (mimeType: string): string => {
  const name = mimeType.split(';', 1)[0]!.trim().toLowerCase()
  return ALIASES.get(name) ?? name
}

const KNOWN: Readonly<Record<Exclude<MediaType, 'document'>, ReadonlySet<string>>> = {
  image: new Set(['image/jpeg', 'image/png', 'image/webp']),
  sticker: new Set(['image/webp']),
  audio: new Set(['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg']),
  video: new Set(['video/mp4', 'video/3gpp']),
}

/**
 * The media type of a file that came as a message of this type, or undefined where its bytes are something else: a page that says it is a
 * picture must not be shown as one. A document may be anything: it is only ever downloaded.
 */
export function receivedAs(type: MediaType, { mimeType, isText }: Look, said: string): string | undefined {
  const seen = mimeType === undefined ? undefined : plain(mimeType)
  if (type === 'document')
    return seen ?? (isText && plain(said) === 'text/plain' ? 'text/plain' : 'application/octet-stream')
  if (seen === undefined) return undefined
  // An MP4 file with sound alone does not always say so in its first box.
  const named = type === 'audio' && seen === 'video/mp4' ? 'audio/mp4' : seen
  return KNOWN[type].has(named) ? named : undefined
}

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const DOCUMENTS: ReadonlySet<string> = new Set([
  'application/pdf',
  `${OFFICE}.wordprocessingml.document`,
  `${OFFICE}.spreadsheetml.sheet`,
  `${OFFICE}.presentationml.presentation`,
])
/** Old files of Office share one container. */
const OLD_OFFICE: ReadonlyMap<string, string> = new Map([
  ['doc', 'application/msword'],
  ['xls', 'application/vnd.ms-excel'],
  ['ppt', 'application/vnd.ms-powerpoint'],
])

/** As what a file can be sent, by its bytes; undefined: WhatsApp does not take it. */
export function sendableAs(
  { mimeType, isText }: Look,
  said: { readonly mimeType: string; readonly filename: string },
): { readonly type: MediaType; readonly mimeType: string } | undefined {
  if (mimeType === undefined)
    return isText && plain(said.mimeType) === 'text/plain'
      ? { type: 'document', mimeType: 'text/plain' }
      : undefined
  const seen = plain(mimeType)
  if (seen === 'image/jpeg' || seen === 'image/png') return { type: 'image', mimeType: seen }
  if (seen === 'image/webp') return { type: 'sticker', mimeType: seen }
  if (seen === 'video/mp4' && plain(said.mimeType).startsWith('audio/'))
    return { type: 'audio', mimeType: 'audio/mp4' }
  // Of Ogg it takes Opus alone.
  if (seen === 'audio/ogg' && !mimeType.includes('opus')) return undefined
  if (KNOWN.audio.has(seen)) return { type: 'audio', mimeType: seen }
  if (KNOWN.video.has(seen)) return { type: 'video', mimeType: seen }
  if (DOCUMENTS.has(seen)) return { type: 'document', mimeType: seen }
  const old = OLD_OFFICE.get(said.filename.split('.').at(-1)?.toLowerCase() ?? '')
  return seen === 'application/x-cfb' && old !== undefined ? { type: 'document', mimeType: old } : undefined
}
