import sharp from 'sharp'

/** More than any camera of a phone has; a small file can say that it is far larger. */
const PIXELS_MAX = 100_000_000

/** Turned as its camera meant it, because that is told by the metadata too; colours stay right by sRGB. @throws for what is no picture */
export async function withoutMetadata(picture: Buffer, mimeType: string): Promise<Buffer> {
  const isWebp = mimeType === 'image/webp'
  const turned = sharp(picture, {
    limitInputPixels: PIXELS_MAX,
    failOn: 'error',
    animated: isWebp,
  }).autoOrient()
  if (isWebp) return turned.webp({ quality: 90 }).toBuffer()
  return mimeType === 'image/png'
    ? turned.png().toBuffer()
    : turned.jpeg({ quality: 90, mozjpeg: true }).toBuffer()
}
