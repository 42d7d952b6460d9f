import sharp, { type Sharp } from 'sharp'

/** More than any camera of a phone has; a small file can say that it is far larger. */
const PIXELS_MAX = 100_000_000
const GREYS: ReadonlySet<string | undefined> = new Set(['b-w', 'grey16'])

/**
 * Turned as its camera meant it, because that is told by the metadata too; colours stay right by sRGB. Written anew a picture may have more
 * bytes than it had: what fits within `bytesMax` as it came is pressed harder before it is too large. @throws for what is no picture
 */
export async function withoutMetadata(picture: Buffer, mimeType: string, bytesMax: number): Promise<Buffer> {
  const turned = sharp(picture, {
    limitInputPixels: PIXELS_MAX,
    failOn: 'error',
    animated: mimeType === 'image/webp',
  }).autoOrient()
  const { space, isPalette } = await turned.metadata()
  // Of one channel it would make three: a scanned page would have more than twice its bytes.
  if (GREYS.has(space)) turned.toColourspace('b-w')
  let written = picture
  for (const write of waysToWrite(mimeType, isPalette)) {
    written = await write(turned.clone()).toBuffer()
    if (written.length <= bytesMax) break
  }
  return written
}

/** The best first. */
function waysToWrite(mimeType: string, isPalette: boolean): readonly ((picture: Sharp) => Sharp)[] {
  if (mimeType === 'image/png')
    return [
      (picture) => picture.png(),
      (picture) =>
        picture.png(
          isPalette ? { palette: true, dither: 0 } : { compressionLevel: 9, adaptiveFiltering: true },
        ),
    ]
  return [90, 75, 60].map(
    (quality) => (picture) =>
      mimeType === 'image/webp' ? picture.webp({ quality }) : picture.jpeg({ quality, mozjpeg: true }),
  )
}
