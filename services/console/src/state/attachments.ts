import type { Outgoing } from './outbox.ts'

/** What WhatsApp takes, by kind: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media */
const KINDS = {
  image: { bytesMax: 5 * 1024 ** 2, types: ['image/jpeg', 'image/png'] },
  audio: {
    bytesMax: 16 * 1024 ** 2,
    types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
  },
  video: { bytesMax: 16 * 1024 ** 2, types: ['video/mp4', 'video/3gpp'] },
  document: {
    bytesMax: 100 * 1024 ** 2,
    types: [
      'text/plain',
      'application/pdf',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ],
  },
} as const
export type AttachmentKind = keyof typeof KINDS

/** What browsers call the same thing: Chromium says so of each .m4a. The service goes by the bytes, and takes them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['audio/x-m4a', 'audio/mp4'],
  ['audio/opus', 'audio/ogg'],
  ['video/x-m4v', 'video/mp4'],
])

export type AttachmentVerdict =
  | { readonly fits: true; readonly kind: AttachmentKind }
  | { readonly fits: false; readonly reason: 'type' }
  | {
      readonly fits: false
      readonly reason: 'size'
      readonly kind: AttachmentKind
      readonly bytesMax: number
    }
  | { readonly fits: false; readonly reason: 'empty' }

/** Whether WhatsApp would take a file, said before a byte is uploaded. */
export function judgeAttachment({
  type,
  size,
}: {
  readonly type: string
  readonly size: number
}): AttachmentVerdict {
  const named = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const media = ALIASES.get(named) ?? named
  for (const kind of Object.keys(KINDS) as AttachmentKind[]) {
    const { bytesMax, types } = KINDS[kind]
    if (!(types as readonly string[]).includes(media)) continue
    if (size === 0) return { fits: false, reason: 'empty' }
    return size > bytesMax ? { fits: false, reason: 'size', kind, bytesMax } : { fits: true, kind }
  }
  return { fits: false, reason: 'type' }
}

export const ACCEPTED_TYPES = [
  ...Object.values(KINDS).flatMap(({ types }) => [...types]),
  ...ALIASES.keys(),
].join(',')

export const LIMITS = (Object.keys(KINDS) as AttachmentKind[]).map((kind) => ({
  kind,
  bytesMax: KINDS[kind].bytesMax,
}))

/** A file that was uploaded. */
export interface ReadyFile {
  readonly uploadId: string
  /** As WhatsApp names it. */
  readonly type: string
  readonly name: string
}

/** WhatsApp shows no words with sound. */
export const takesCaption = ({ type }: ReadyFile): boolean => type !== 'audio' && type !== 'sticker'

/** Files with the words that go with them: under the first one, or as a text behind all where it shows none. */
export function saidWith(
  files: readonly ReadyFile[],
  words: string,
  replyTo: string | undefined,
): readonly Outgoing[] {
  const [first] = files
  const isCaption = words !== '' && first !== undefined && takesCaption(first)
  const said: Outgoing[] = files.map(({ uploadId, name }) => ({ type: 'media', uploadId, fileName: name }))
  if (isCaption) said[0] = { ...said[0]!, caption: words } as Outgoing
  else if (words !== '') said.push({ type: 'text', text: words })
  if (replyTo !== undefined && said.length > 0) said[0] = { ...said[0]!, replyTo } as Outgoing
  return said
}
