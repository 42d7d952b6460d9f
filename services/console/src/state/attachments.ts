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
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  for (const kind of Object.keys(KINDS) as AttachmentKind[]) {
    const { bytesMax, types } = KINDS[kind]
    if (!(types as readonly string[]).includes(media)) continue
    if (size === 0) return { fits: false, reason: 'empty' }
    return size > bytesMax ? { fits: false, reason: 'size', kind, bytesMax } : { fits: true, kind }
  }
  return { fits: false, reason: 'type' }
}

export const ACCEPTED_TYPES = Object.values(KINDS)
  .flatMap(({ types }) => [...types])
  .join(',')

export const LIMITS = (Object.keys(KINDS) as AttachmentKind[]).map((kind) => ({
  kind,
  bytesMax: KINDS[kind].bytesMax,
}))
