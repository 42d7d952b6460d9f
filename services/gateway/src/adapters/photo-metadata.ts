import sharp, { type Sharp } from 'sharp'
import type { Picture } from '../media/uploading.ts'

/** More than any camera of a phone has; a small file can say that it is far larger. Of frames that move, all together. */
const PIXELS_MAX = 100_000_000
/** Of a picture in a format that is held in memory while it is read, each pixel in four bytes and more. */
const HELD_PIXELS_MAX = 50_000_000
/** What has more is made smaller: turned and pressed, each pixel takes some ten bytes of the 512 MB that a gateway has. */
const WRITTEN_PIXELS_MAX = 4_096 ** 2
const GREYS: ReadonlySet<string | undefined> = new Set(['b-w', 'grey16'])

/**
 * Turned as its camera meant it, because that is told by the metadata too; colours stay right by sRGB. Written anew a picture may have more
 * bytes than it had: what fits within `bytesMax` as it came is pressed harder before it is too large. @throws for what is no picture
 */
export function withoutMetadata({ read, mimeType, bytesMax }: Picture): Promise<Buffer> {
  const mine = before.then(async () => {
    const picture = await read()
    return writtenAnew(picture, mimeType, bytesMax(picture))
  })
  before = mine.catch(() => {})
  return mine
}
/** One after the other, and read when its turn comes: of a few at once each would fit, and all of them not. */
let before: Promise<unknown> = Promise.resolve()

async function writtenAnew(picture: Buffer, mimeType: string, bytesMax: number): Promise<Buffer> {
  const turned = sharp(picture, {
    limitInputPixels: PIXELS_MAX,
    failOn: 'error',
    animated: mimeType === 'image/webp',
  }).autoOrient()
  const { space, isPalette, isProgressive, width, height, pages = 1 } = await turned.metadata()
  const pixels = width * height
  if (pages === 1 && pixels > readablePixels(mimeType, isProgressive))
    throw new Error(`A picture of ${pixels} pixels that is held whole while it is read is too large.`)
  const share = Math.sqrt(WRITTEN_PIXELS_MAX / pixels)
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

/** What comes line by line is never held whole; what gets sharper as it comes is, with all that its pixels were told so far. */
function readablePixels(mimeType: string, isProgressive: boolean): number {
  if (isProgressive) return WRITTEN_PIXELS_MAX
  return mimeType === 'image/jpeg' ? PIXELS_MAX : HELD_PIXELS_MAX
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
