import { setTimeout as pause } from 'node:timers/promises'
import { tcpProxy, testDb } from '@parley/testkit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { whole } from '../media/inspection.ts'
import { FileTooLarge } from '../media/media-store.ts'
import { gridFsMedia } from './gridfs-media.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

async function store(mongoUri = inject('mongoUri')) {
  const kept = await testDb({ uri: mongoUri })
  onTestFinished(() => kept[Symbol.asyncDispose]())
  const { db } = kept
  const media = await gridFsMedia(db)
  return {
    db,
    media,
    /** @param forMs below 0: its time is over */
    async kept(words: string, forMs?: number): Promise<string> {
      const draft = await media.draft(onePiece(Buffer.from(words)), 1_000)
      return (await media.keep(draft, 'text/plain', forMs)).sha256
    },
    async counts(): Promise<Record<string, number>> {
      const count = (name: string) => db.collection(name).countDocuments()
      return {
        files: await count('media_files'),
        bytes: await count('media.files'),
        chunks: await count('media.chunks'),
        drafts: await count('media_drafts'),
      }
    },
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** A store to which pieces of files come late, on connections of their own: what is said meanwhile on others overtakes them. */
async function slowWithPieces() {
  const behind = new URL(inject('mongoUri'))
  const held: Promise<void>[] = []
  const proxy = await tcpProxy(behind.hostname, Number(behind.port), ({ client, upstream }) => {
    let order = Promise.resolve()
    client.on('data', (chunk: Buffer) => {
      const isPiece = chunk.includes('\u0002insert\u0000', 0, 'latin1') && chunk.includes('media.chunks')
      const before = order
      const pass = async (): Promise<void> => {
        await before
        if (isPiece) await pause(300)
        upstream.write(chunk)
      }
      order = pass()
      if (isPiece) held.push(order)
    })
    upstream.on('data', (chunk: Buffer) => void client.write(chunk))
  })
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const own = new URL(behind)
  own.host = `127.0.0.1:${proxy.port}`
  return { uri: own.href, held }
}

test('of a file without end nothing is left, though a piece of it was on its way to the store', async () => {
  const { uri, held } = await slowWithPieces()
  const { db, media, counts } = await store(uri)
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(65_536)
  }
  for (let round = 0; round < 3; round += 1)
    await expect(media.draft(endless(), 300_000 + round * 65_536)).rejects.toThrow(FileTooLarge)
  await Promise.all(held)
  expect(held.length).toBeGreaterThan(0)
  for (let asked = 0; asked < 20; asked += 1) await db.command({ ping: 1 })
  expect(await counts()).toEqual({ files: 0, bytes: 0, chunks: 0, drafts: 0 })
})

test('what was kept for a time goes with its bytes when that is over, and nothing else goes', async () => {
  const { media, kept, counts } = await store()
  const gone = await kept('never sent', -1)
  const others = [
    await kept('of a customer'),
    await kept('to be sent yet', DAY_MS),
    await kept('sent', -1),
    await kept('sent by a customer too', -1),
    await kept('uploaded again', -1),
  ]
  await media.keepForGood([others[2]!, 'f'.repeat(64)])
  await kept('sent by a customer too')
  await kept('uploaded again', DAY_MS)
  // Who uploads what a customer has sent does not make it go.
  await kept('of a customer', -1)
  await media.dropUnsent()
  expect(await media.find(gone)).toBeUndefined()
  for (const sha256 of others) expect(await media.find(sha256)).toBeDefined()
  expect(await counts()).toEqual({ files: 5, bytes: 5, chunks: 5, drafts: 0 })
  expect(await kept('never sent', DAY_MS)).toBe(gone)
  expect(await media.find(gone)).toBeDefined()
})

test('a file that is uploaded again while it goes is there afterwards, whole', async () => {
  const { media, kept, counts } = await store()
  for (let round = 0; round < 10; round += 1) {
    const words = `round ${round}`
    await kept(words, -1)
    const [sha256] = await Promise.all([kept(words, DAY_MS), media.dropUnsent(), media.dropUnsent()])
    await media.dropUnsent()
    const bytes = await media.read(sha256, 0, 100)
    expect((await whole(bytes!)).toString()).toBe(words)
  }
  expect(await counts()).toEqual({ files: 10, bytes: 10, chunks: 10, drafts: 0 })
})
