import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { withoutMetadata } from './photo-metadata.ts'

const WIDTH = 300
const HEIGHT = 200
/** Nothing of it can be pressed together, so that its bytes tell how it is written. */
const noise = (channels: 1 | 3, colours = 256) => {
  const palette = randomBytes(colours * channels)
  const raw = Buffer.concat(
    Array.from(randomBytes(WIDTH * HEIGHT), (byte) => {
      const at = (byte % colours) * channels
      return palette.subarray(at, at + channels)
    }),
  )
  return sharp(raw, { raw: { width: WIDTH, height: HEIGHT, channels } })
}
const without = (picture: Buffer, mimeType: string, bytesMax: number) =>
  withoutMetadata({ read: async () => picture, mimeType, bytesMax: () => bytesMax })
const pixels = (picture: Buffer) => sharp(picture).raw().toBuffer()

test('a scanned page stays grey: it has no more bytes than it had, and every pixel of it', async () => {
  const scanned = await noise(1).toColourspace('b-w').png().toBuffer()
  const written = await without(scanned, 'image/png', scanned.length * 1.1)
  expect(written.length).toBeLessThan(scanned.length * 1.1)
  expect(await sharp(written).metadata()).toMatchObject({ space: 'b-w' })
  expect(await pixels(written)).toEqual(await pixels(scanned))
})

test('a picture of few colours keeps them, to the pixel, where it would be too large with all', async () => {
  const drawn = await noise(3, 100).png({ palette: true, dither: 0 }).toBuffer()
  const written = await without(drawn, 'image/png', drawn.length * 1.1)
  expect(written.length).toBeLessThan(drawn.length * 1.1)
  expect(await pixels(written)).toEqual(await pixels(drawn))
})

test.each(['image/jpeg', 'image/webp'])(
  'a photo (%s) gives up quality before it is too large, and none otherwise',
  async (mimeType) => {
    const taken = mimeType === 'image/jpeg' ? noise(3).jpeg({ quality: 70 }) : noise(3).webp({ quality: 70 })
    const photo = await taken.toBuffer()
    const best = await without(photo, mimeType, 5 * 1024 ** 2)
    expect(best.length).toBeGreaterThan(photo.length)
    expect((await without(photo, mimeType, photo.length)).length).toBeLessThanOrEqual(photo.length)
  },
)

test('a picture of many pixels is made smaller, upright as it was taken: whoever sends it a small file would take the memory of all', async () => {
  const photo = await sharp({ create: { width: 5_000, height: 4_000, channels: 3, background: 'teal' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer()
  const written = await sharp(await without(photo, 'image/jpeg', 5 * 1024 ** 2)).metadata()
  expect(written.width * written.height).toBeLessThanOrEqual(4_096 ** 2)
  expect(written.width / written.height).toBeCloseTo(4 / 5, 2)
  const small = await without(await noise(3).jpeg().toBuffer(), 'image/jpeg', 5 * 1024 ** 2)
  expect(await sharp(small).metadata()).toMatchObject({ width: WIDTH, height: HEIGHT })
}, 60_000)

test.each([
  ['image/jpeg', 'progressive', 4_500],
  ['image/png', 'interlaced', 4_500],
  ['image/png', 'line by line', 7_500],
])(
  'what is held whole while it is read (%s, %s, %i pixels a side) is bounded by that',
  async (mimeType, how, side) => {
    const drawn = sharp({ create: { width: side, height: side, channels: 3, background: 'teal' } })
    const progressive = how !== 'line by line'
    const file = await (
      mimeType === 'image/jpeg' ? drawn.jpeg({ progressive }) : drawn.png({ progressive })
    ).toBuffer()
    await expect(without(file, mimeType, 5 * 1024 ** 2)).rejects.toThrow(/held whole/)
  },
  60_000,
)

test('a sticker of eight seconds moves on: its frames are read one by one', async () => {
  const frame = (background: string) =>
    sharp({ create: { width: 512, height: 512, channels: 3, background } })
      .png()
      .toBuffer()
  const [light, dark] = await Promise.all([frame('white'), frame('black')])
  const frames = Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? light : dark))
  const sticker = await sharp(frames, { join: { animated: true } })
    .webp({ quality: 1, effort: 0 })
    .toBuffer()
  const written = await without(sticker, 'image/webp', 500 * 1024)
  expect((await sharp(written, { animated: true }).metadata()).pages).toBe(200)
}, 60_000)

test('pictures are written one after the other, and one that fails holds up none', async () => {
  const photo = await noise(3).jpeg().toBuffer()
  const asked = [photo, photo.subarray(0, 500), photo, photo, photo]
  const all = Promise.allSettled(asked.map((each) => without(each, 'image/jpeg', 5 * 1024 ** 2)))
  const ended = all.then(() => 'ended' as const)
  let most = 0
  while ((await Promise.race([ended, turn()])) !== 'ended') most = Math.max(most, sharp.counters().process)
  expect(most).toBe(1)
  expect((await all).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ])
})

test('a picture that waits for its turn is not read before it: many that wait hold no memory', async () => {
  const photo = await noise(3).jpeg().toBuffer()
  let unwritten = 0
  let most = 0
  const all = Promise.all(
    Array.from({ length: 4 }, async () => {
      const read = async () => {
        most = Math.max(most, ++unwritten)
        return photo
      }
      await withoutMetadata({ read, mimeType: 'image/jpeg', bytesMax: () => 5 * 1024 ** 2 })
      unwritten--
    }),
  )
  await all
  expect(most).toBe(1)
})

test('one that cannot be read holds up none', async () => {
  const photo = await noise(3).jpeg().toBuffer()
  const read = () => Promise.reject(new Error('The store is away.'))
  const unread = withoutMetadata({ read, mimeType: 'image/jpeg', bytesMax: () => 1_000 })
  const next = without(photo, 'image/jpeg', 5 * 1024 ** 2)
  await expect(unread).rejects.toThrow('The store is away.')
  expect((await next).length).toBeGreaterThan(0)
})

test('what no quality makes small enough is told by its size, and what is no picture is none', async () => {
  const photo = await noise(3).jpeg().toBuffer()
  expect((await without(photo, 'image/jpeg', 100)).length).toBeGreaterThan(100)
  await expect(without(photo.subarray(0, 500), 'image/jpeg', 1_000)).rejects.toThrow(/premature end/i)
})
