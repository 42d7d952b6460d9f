import sharp, { type Sharp } from 'sharp'

/** More than any camera of a phone has; a small file can say that it is far larger. A JPEG alone is made smaller while it is read. */
const READ_PIXELS_MAX = { jpeg: 100_000_000, other: 50_000_000 }
/** What has more is made smaller: turned and pressed, each pixel takes some ten bytes of the 512 MB that a gateway has. */
const WRITTEN_PIXELS_MAX = 4_096 ** 2
const GREYS: ReadonlySet<string | undefined> = new Set(['b-w', 'grey16'])

/**
 * Turned as its camera meant it, because that is told by the metadata too; colours stay right by sRGB. Written anew a picture may have more
 * bytes than it had: what fits within `bytesMax` as it came is pressed harder before it is too large. @throws for what is no picture
 */
export function withoutMetadata(picture: Buffer, mimeType: string, bytesMax: number): Promise<Buffer> {
  const mine = before.then(() => writtenAnew(picture, mimeType, bytesMax))
  before = mine.catch(() => {})
  return mine
}
/** One after the other: of a few at once each would fit, and all of them not. */
let before: Promise<unknown> = Promise.resolve()

async function writtenAnew(picture: Buffer, mimeType: string, bytesMax: number): Promise<Buffer> {
  const turned = sharp(picture, {
    limitInputPixels: mimeType === 'image/jpeg' ? READ_PIXELS_MAX.jpeg : READ_PIXELS_MAX.other,
    failOn: 'error',
    animated: mimeType === 'image/webp',
  }).autoOrient()
  const { space, isPalette, width, height, pages = 1 } = await turned.metadata()
  const share = Math.sqrt(WRITTEN_PIXELS_MAX / (width * height))
  if (share < 1 && pages === 1) {
    const side = Math.floor(Math.max(width, height) * share)
    turned.resize({ width: side, height: side, fit: 'inside' })
  }
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
