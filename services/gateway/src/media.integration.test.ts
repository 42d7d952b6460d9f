import { createHash, randomUUID } from 'node:crypto'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contentOf, fileIn } from '@parley/conversation'
import type { StoredFile } from '@parley/proto/content'
import { GatewayServiceClient } from '@parley/proto/gateway'
import { grpcCall, grpcClient } from '@parley/service'
import { startSimulator } from '@parley/simulator'
import { callerCredentials, until } from '@parley/testkit'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import {
  ACCESS_TOKEN,
  APP_SECRET,
  type Surroundings,
  VERIFY_TOKEN,
  startGateway,
  surroundings,
} from './gateway.fixture.ts'
import { ACCOUNT } from './webhook/webhook.fixture.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const aPicture = () =>
  sharp({ create: { width: 40, height: 20, channels: 3, background: 'teal' } })
    .jpeg()
    .toBuffer()

interface SaidMedia {
  readonly mediaId: string
  readonly type?: string
  readonly sha256?: string
  readonly mimeType?: string
}

/** As routing would write it. */
async function customerSent(around: Surroundings, contactId: string, media: SaidMedia): Promise<string> {
  const messageId = randomUUID()
  const { type = 'image', mediaId, sha256: hash = '', mimeType = 'image/jpeg' } = media
  const body = { type, mediaId, sha256: hash, mimeType, link: '', caption: '', filename: '', voice: false }
  await around.happened(
    contactId,
    { type: 'MessageReceived', data: { messageId, providerMessageId: `wamid.${messageId}`, type } },
    contentOf({
      messages: [{ body: { $case: 'media', value: { ...body, animated: false, stored: undefined } } }],
    }),
  )
  return messageId
}

/** What the gateway says about the file of a message: that it is stored, or why not. */
async function outcomeOf(around: Surroundings, messageId: string): Promise<StoredFile | string> {
  return until(
    'the log hears of the file',
    async () => {
      for (const command of await around.commands()) {
        if (command.type === 'RecordMediaStored' && command.data.messageId === messageId)
          return fileIn(command.envelope.content)
        if (command.type === 'RecordMediaUnavailable' && command.data.messageId === messageId)
          return command.data.reason
      }
      return undefined
    },
    40_000,
  )
}

const simulated = (webhookUrl = 'http://127.0.0.1:9') =>
  startSimulator({
    webhookUrl,
    numbers: [{ phoneNumberId: ACCOUNT, wabaId: '1', displayPhoneNumber: '15550783881', name: 'Bank' }],
    appSecret: APP_SECRET,
    verifyToken: VERIFY_TOKEN,
    accessToken: ACCESS_TOKEN,
  })

async function readWhole(client: GatewayServiceClient, hash: string, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let offset = 0; offset < bytes; offset += 65_536) {
    const request = { sha256: hash, offset: BigInt(offset), length: Math.min(65_536, bytes - offset) }
    pieces.push((await grpcCall(client, 'readFile', request, { timeoutMs: 30_000 })).bytes)
  }
  return Buffer.concat(pieces)
}

describe('a file of a customer', () => {
  test('is fetched by its id, checked against its hash, stored once for all who send it, and read in pieces', async () => {
    await using around = await surroundings()
    await using simulator = await simulated()
    await using gateway = await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: simulator.url })
    const video = Buffer.concat([
      Buffer.from('00000018667479706d703432000000006d703432', 'hex'),
      Buffer.alloc(600_000, 7),
    ])
    const upload = async () => {
      const answer = await fetch(`${simulator.url}/phone/chat/media`, {
        method: 'POST',
        headers: { 'content-type': 'video/mp4' },
        body: video,
      })
      return ((await answer.json()) as { media: { id: string; sha256: string } }).media
    }
    const files = []
    for (const waId of ['5511900000001', '5511900000002']) {
      const { id: mediaId, sha256: hash } = await upload()
      const messageId = await customerSent(around, await around.contact(waId), {
        mediaId,
        sha256: hash,
        type: 'video',
        mimeType: 'video/mp4',
      })
      files.push(await outcomeOf(around, messageId))
    }
    const hash = sha256(video).toString('hex')
    const file = { sha256: hash, mimeType: 'video/mp4', bytes: BigInt(video.length) }
    expect(files).toEqual([expect.objectContaining(file), expect.objectContaining(file)])
    expect(await around.db.collection('media.files').countDocuments()).toBe(1)

    const client = grpcClient(GatewayServiceClient, gateway.grpcAddress, await callerCredentials('archive'))
    try {
      expect(await readWhole(client, hash, video.length)).toEqual(video)
      const request = { sha256: sha256(Buffer.from('another')).toString('hex'), offset: 0n, length: 1 }
      await expect(grpcCall(client, 'readFile', request, { timeoutMs: 30_000 })).rejects.toMatchObject({
        code: 'FILE_UNKNOWN',
      })
    } finally {
      client.close()
    }
    expect(gateway.faults).toEqual([])
  })

  test('that is not what it should be, or lies where it should not, is never stored, and the record says why', async () => {
    await using around = await surroundings()
    await using graph = await hostileGraph()
    await using _ = await startGateway(around.namespace, {
      WHATSAPP_GRAPH_URL: graph.url,
      WHATSAPP_MEDIA_HOSTS: 'fbsbx.com,localhost',
      WHATSAPP_MEDIA_TIMEOUT_MS: '6000',
      WHATSAPP_MEDIA_GIVE_UP_SECONDS: '0.1',
    })
    const contactId = await around.contact('5511900000001')
    const jpeg = await aPicture()
    const page = Buffer.from('<!doctype html><script>alert(1)</script>')
    const sends = (said: Partial<SaidMedia>, answer: Answer) => {
      const mediaId = graph.answers(answer)
      return customerSent(around, contactId, { mediaId, ...said })
    }
    const cases: readonly [what: string, reason: string, messageId: string][] = [
      ['a page as a picture', 'wrong_kind', await sends({}, { bytes: page })],
      [
        'a drawing with scripts as a picture',
        'wrong_kind',
        await sends(
          { mimeType: 'image/svg+xml' },
          { bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>') },
        ),
      ],
      [
        'a program as a sound',
        'wrong_kind',
        await sends({ type: 'audio' }, { bytes: Buffer.from('MZ\u0090\u0000') }),
      ],
      [
        'other bytes than the phone hashed',
        'wrong_hash',
        await sends({ sha256: sha256(page).toString('base64') }, { bytes: jpeg }),
      ],
      [
        'a body without end',
        'too_large',
        await sends(
          {},
          {
            serve: (response) => {
              const more = (): void => {
                while (!response.destroyed && response.write(Buffer.alloc(65_536, 1)));
              }
              response.on('drain', more)
              more()
            },
          },
        ),
      ],
      [
        'a body that says that it is too large',
        'too_large',
        await sends(
          {},
          {
            serve: (response) => response.writeHead(200, { 'content-length': 6 * 2 ** 20 }).flushHeaders(),
          },
        ),
      ],
      [
        'a server that never ends',
        'unreachable',
        await sends({}, { serve: (response) => void response.write('\u00ff') }),
      ],
      ['another host', 'address_refused', await sends({}, { url: 'https://example.com/file' })],
      [
        'a host that ends like one',
        'address_refused',
        await sends({}, { url: 'https://evilfbsbx.com/file' }),
      ],
      ['plain http', 'address_refused', await sends({}, { url: 'http://lookaside.fbsbx.com/file' })],
      ['another port', 'address_refused', await sends({}, { url: 'https://lookaside.fbsbx.com:8443/file' })],
      [
        'a name and a password',
        'address_refused',
        await sends({}, { url: 'https://a:b@lookaside.fbsbx.com/file' }),
      ],
      ['a name at a private address', 'address_refused', await sends({}, { url: 'https://localhost/file' })],
      ['no address', 'address_refused', await sends({}, { url: 'file:///etc/passwd' })],
      [
        'a redirect',
        'redirected',
        await sends(
          {},
          {
            serve: (response) =>
              void response
                .writeHead(302, { location: `${graph.url.replace('127.0.0.1', 'localhost')}/stolen` })
                .end(),
          },
        ),
      ],
      ['what is not there any more', 'gone', await sends({}, { isGone: true })],
      ['no id', 'gone', await customerSent(around, contactId, { mediaId: '' })],
    ]
    const seen = await Promise.all(
      cases.map(async ([what, , messageId]) => [what, await outcomeOf(around, messageId)] as const),
    )
    expect(seen).toEqual(cases.map(([what, reason]) => [what, reason]))
    expect(graph.askedFor()).not.toContain('/stolen')
    expect(await around.db.collection('media_files').countDocuments()).toBe(0)
    for (const name of ['media.files', 'media.chunks', 'media_drafts'])
      await until(`${name} is empty`, async () => (await around.db.collection(name).countDocuments()) === 0)
    await until(
      'no job is left',
      async () => (await around.db.collection('media_jobs').countDocuments()) === 0,
    )
  })

  test('is what its bytes say: a picture with a page behind it is a picture, a page as a document a download', async () => {
    await using around = await surroundings()
    await using graph = await hostileGraph()
    await using _ = await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: graph.url })
    const contactId = await around.contact('5511900000001')
    const page = Buffer.from('<!doctype html><script>alert(1)</script>')
    const both = Buffer.concat([await aPicture(), page])
    const picture = await customerSent(around, contactId, {
      mediaId: graph.answers({ bytes: both }),
      mimeType: 'text/html',
    })
    const document = await customerSent(around, contactId, {
      mediaId: graph.answers({ bytes: page }),
      type: 'document',
      mimeType: 'text/html',
    })
    expect(await outcomeOf(around, picture)).toMatchObject({ mimeType: 'image/jpeg' })
    expect(await outcomeOf(around, document)).toMatchObject({ mimeType: 'application/octet-stream' })
  })

  test('is fetched after all where the channel was away at first, and what a dead gateway left of it is swept', async () => {
    await using around = await surroundings()
    await using graph = await hostileGraph()
    const stale = new Date(Date.now() - 2 * 60 * 60_000)
    const { insertedId } = await around.db.collection('media_drafts').insertOne({ begunAt: stale })
    await around.db
      .collection('media.chunks')
      .insertOne({ files_id: insertedId, n: 0, data: Buffer.alloc(3) })
    await using _ = await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: graph.url })
    const jpeg = await aPicture()
    let tries = 0
    const messageId = await customerSent(around, await around.contact('5511900000001'), {
      mediaId: graph.answers({
        serve: (response) => {
          tries += 1
          if (tries === 1) response.writeHead(500).end()
          else if (tries === 2) response.write(jpeg.subarray(0, 100), () => response.destroy())
          else response.end(jpeg)
        },
      }),
      sha256: sha256(jpeg).toString('base64'),
    })
    expect(await outcomeOf(around, messageId)).toMatchObject({ sha256: sha256(jpeg).toString('hex') })
    expect(tries).toBe(3)
    await until(
      'the rest is swept',
      async () => (await around.db.collection('media_drafts').countDocuments()) === 0,
    )
    expect(await around.db.collection('media.chunks').countDocuments({ files_id: insertedId })).toBe(0)
  })
})

describe('a file that is to be sent', () => {
  async function outgoing() {
    await using undo = new AsyncDisposableStack()
    const around = undo.use(await surroundings())
    const simulator = undo.use(await simulated())
    const gateway = undo.use(await startGateway(around.namespace, { WHATSAPP_GRAPH_URL: simulator.url }))
    const client = grpcClient(GatewayServiceClient, gateway.grpcAddress, await callerCredentials('agent'))
    undo.defer(() => client.close())
    const running = undo.move()
    const upload = async (bytes: Buffer, mimeType: string, filename = '') => {
      const uploadId = randomUUID()
      const pieceCount = Math.ceil(bytes.length / 500_000)
      for (let index = 0; index < pieceCount; index += 1) {
        const piece = bytes.subarray(index * 500_000, (index + 1) * 500_000)
        await grpcCall(client, 'putUploadPiece', { uploadId, index, bytes: piece }, { timeoutMs: 30_000 })
      }
      return grpcCall(
        client,
        'finishUpload',
        { uploadId, pieceCount, mimeType, filename },
        { timeoutMs: 20_000 },
      )
    }
    return { around, simulator, client, upload, [Symbol.asyncDispose]: () => running.disposeAsync() }
  }

  test('loses what the camera wrote beside it, is given to the channel once, and sent by its id', async () => {
    await using it = await outgoing()
    const photo = await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
      .withMetadata({ orientation: 6 })
      .withExifMerge({
        IFD0: { Make: 'Aurora Phone' },
        IFD3: { GPSLatitudeRef: 'S', GPSLatitude: '23/1 33/1 0/1' },
      })
      .jpeg()
      .toBuffer()
    expect((await sharp(photo).metadata()).exif?.includes('Aurora Phone')).toBe(true)
    const { type, file } = await it.upload(photo, 'image/jpeg', 'IMG_1.jpg')
    expect({ type, mimeType: file?.mimeType }).toEqual({ type: 'image', mimeType: 'image/jpeg' })
    const kept = await readWhole(it.client, file!.sha256, Number(file!.bytes))
    const shown = await sharp(kept).metadata()
    expect({ exif: shown.exif, xmp: shown.xmp, width: shown.width, height: shown.height }).toEqual({
      exif: undefined,
      xmp: undefined,
      width: 20,
      height: 40,
    })

    const waId = '5511900000001'
    await fetch(`${it.simulator.url}/_sim/customers/${waId}/window`, {
      method: 'POST',
      body: JSON.stringify({ closed: false }),
    })
    const contactId = await it.around.contact(waId)
    for (const caption of ['one', 'two'])
      await it.around.happened(
        contactId,
        {
          type: 'MessageSendRequested',
          data: { messageId: randomUUID(), channelAccountId: ACCOUNT, type: 'image' },
        },
        contentOf({
          messages: [
            {
              body: {
                $case: 'media',
                value: {
                  type,
                  mediaId: '',
                  link: '',
                  mimeType: 'image/jpeg',
                  sha256: '',
                  caption,
                  filename: '',
                  voice: false,
                  animated: false,
                  stored: file,
                },
              },
            },
          ],
        }),
      )
    const sent = await until('both are sent', async () => {
      const answer = await fetch(`${it.simulator.url}/_sim/sent?waId=${waId}`)
      const body = (await answer.json()) as { sent: { body: { image: { id: string; caption: string } } }[] }
      return body.sent.length === 2 ? body.sent.map(({ body: { image } }) => image) : undefined
    })
    expect(sent.map(({ caption }) => caption)).toEqual(['one', 'two'])
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
    const given = await fetch(`${it.simulator.url}/phone/chat/media/${sent[0]!.id}`)
    expect(given.headers.get('content-type')).toBe('image/jpeg')
    expect(Buffer.from(await given.arrayBuffer())).toEqual(kept)
  })

  test('is told by its bytes, and refused where WhatsApp does not take it', async () => {
    await using it = await outgoing()
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const opus = Buffer.concat([
      Buffer.from('OggS'),
      Buffer.alloc(24),
      Buffer.from('OpusHead'),
      Buffer.alloc(100),
    ])
    const taken = async (bytes: Buffer, mimeType: string, filename = '') => {
      const { type, file } = await it.upload(bytes, mimeType, filename)
      return [type, file?.mimeType]
    }
    expect(await taken(png, 'application/octet-stream')).toEqual(['image', 'image/png'])
    expect(await taken(opus, 'audio/ogg')).toEqual(['audio', 'audio/ogg'])
    expect(await taken(Buffer.from('%PDF-1.7\n'), 'text/html')).toEqual(['document', 'application/pdf'])
    expect(await taken(Buffer.from('olá\n'), 'text/plain')).toEqual(['document', 'text/plain'])

    const refused = (bytes: Buffer, mimeType: string) =>
      it.upload(bytes, mimeType).then(
        () => 'taken',
        ({ code }: { code: string }) => code,
      )
    expect(await refused(Buffer.from('<script>alert(1)</script>'), 'text/html')).toBe('MEDIA_TYPE_REFUSED')
    expect(await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml')).toBe(
      'MEDIA_TYPE_REFUSED',
    )
    expect(await refused(Buffer.from('MZ\u0090\u0000'), 'image/jpeg')).toBe('MEDIA_TYPE_REFUSED')
    // It begins like a picture and is none.
    expect(await refused(Buffer.concat([png.subarray(0, 40), Buffer.alloc(90)]), 'image/png')).toBe(
      'MEDIA_TYPE_REFUSED',
    )
    expect(await refused(Buffer.concat([opus, Buffer.alloc(16 * 2 ** 20)]), 'audio/ogg')).toBe(
      'MEDIA_TOO_LARGE',
    )
    expect(await refused(Buffer.alloc(0), 'image/png')).toBe('MEDIA_EMPTY')
    const vorbis = Buffer.from(opus)
    vorbis.write('\u0001vorbis\u0000', 28, 'latin1')
    expect(await refused(vorbis, 'audio/ogg')).toBe('MEDIA_TYPE_REFUSED')
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
    const sticker = (width: number) =>
      sharp({ create: { width, height: 512, channels: 3, background: 'black', noise } })
        .webp()
        .toBuffer()
    expect(await refused(await sticker(512), 'image/webp')).toBe('MEDIA_TOO_LARGE')
    const moving = await sharp([await sticker(400), await sticker(400)], { join: { animated: true } })
      .webp({ delay: [100, 100], loop: 0 })
      .toBuffer()
    expect(moving.length).toBeGreaterThan(100 * 1024)
    expect(await refused(moving, 'image/webp')).toBe('taken')
    const unknown = { uploadId: 'never', pieceCount: 1, mimeType: '', filename: '' }
    await expect(grpcCall(it.client, 'finishUpload', unknown, { timeoutMs: 30_000 })).rejects.toMatchObject({
      code: 'UPLOAD_UNKNOWN',
    })
    expect(await it.around.db.collection('upload_pieces').countDocuments()).toBe(0)
    expect(await it.around.db.collection('media_drafts').countDocuments()).toBe(0)
    expect(await it.around.db.collection('media.files').countDocuments()).toBe(5)
  })
})

interface Answer {
  readonly bytes?: Buffer
  readonly url?: string
  readonly isGone?: boolean
  serve?(response: ServerResponse): void
}

/** A Graph API that answers as a test wants. */
async function hostileGraph() {
  const wanted = new Map<string, Answer>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://graph')
    asked.push(pathname)
    const [, kind, id = ''] = pathname.split('/')
    const answer = wanted.get(id)
    if (kind === 'file' && answer !== undefined) {
      if (answer.serve === undefined) response.end(answer.bytes)
      else answer.serve(response)
      return
    }
    if (answer === undefined || answer.isGone === true) {
      response.writeHead(400).end(JSON.stringify({ error: { code: 100, error_subcode: 33 } }))
      return
    }
    const address = answer.url ?? `${url}/file/${id}`
    response.end(JSON.stringify({ url: address, mime_type: 'image/jpeg' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    askedFor: () => asked,
    answers: (answer: Answer): string => {
      const id = String(1000 + wanted.size)
      wanted.set(id, answer)
      return id
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
