const megabyte = 1024 * 1024

/** Media types that Meta takes, with their limits (docs/reference/whatsapp.md, Outbound messages). */
const mediaLimits: readonly (readonly [pattern: RegExp, bytesMax: number])[] = [
  [/^image\/(jpeg|png)$/, 5 * megabyte],
  [/^image\/webp$/, 500 * 1024],
  [/^audio\/(aac|amr|mpeg|mp4|ogg|opus)$/, 16 * megabyte],
  [/^video\/(mp4|3gpp?)$/, 16 * megabyte],
  [/^(text\/plain|application\/(pdf|msword|vnd\.(ms-|openxmlformats-officedocument\.).+))$/, 100 * megabyte],
]

/** How large a file of this type a business may upload; undefined for one that Meta does not take. */
export const uploadBytesMax = (mimeType: string): number | undefined =>
  mediaLimits.find(([pattern]) => pattern.test(mimeType))?.[1]

export const DOCUMENT_BYTES_MAX = 100 * megabyte

export type MediaKind = 'image' | 'audio' | 'video' | 'document'

/**
 * As what a customer's app sends a file, and how large it may be: pictures, sound and films that the app knows as such, all else as a
 * document.
 */
export const sentByCustomer = (mimeType: string): { readonly kind: MediaKind; readonly bytesMax: number } => {
  const family = mimeType.split('/')[0]
  const bytesMax = mimeType === 'image/webp' ? 5 * megabyte : uploadBytesMax(mimeType)
  return bytesMax !== undefined && (family === 'image' || family === 'audio' || family === 'video')
    ? { kind: family, bytesMax }
    : { kind: 'document', bytesMax: DOCUMENT_BYTES_MAX }
}
