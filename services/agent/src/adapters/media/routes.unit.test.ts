import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import type { Person } from '@parley/people'
import {
  HttpRefusal,
  type SignedIn,
  createHttpServer,
  idempotencyKeyOf,
  idempotencyKeyReused,
} from '@parley/service'
import { runs } from '@parley/testkit/properties'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeskMessage } from '../../conversation/message.ts'
import { type MediaRoutes, UPLOADS_AT_ONCE_MAX, addMediaRoutes } from './routes.ts'

const BYTES = Buffer.from('the picture of a card')
const stored = { sha256: 'a'.repeat(64), mimeType: 'image/jpeg', bytes: BYTES.length, filename: '' }

const persons = (
  [
    ['ana', 'agent', 'ana'],
    ['bruno', 'agent', 'bruno'],
    ['vera', 'supervisor', 'ana'],
    ['carla', 'auditor', null],
  ] as const
).map(
  ([id, role, team]): Person & SignedIn =>
    ({
      id,
      login: id,
      name: id,
      roles: [role],
      team,
      vendor: null,
      languages: [],
      isActive: true,
      permissions: ['conversations.read', 'conversations.answer'],
      sessionId: id,
    }) as unknown as Person & SignedIn,
)

/** Two conversations, one of each agent, in which the same file was sent. */
function desk(
  message: Partial<DeskMessage> = {},
  conversation: { readonly agentId?: null } = {},
  bytesPerDayMax = Infinity,
  storedOnce: Promise<void> = Promise.resolve(),
  /** How far what can be read is, of what desks were told up to 7. */
  read = '7',
) {
  const coming = { begun: 0, whole: 0 }
  const counts: (readonly [personId: string, bytes: number])[] = []
  const kept: { personId: string; uploadId: string; sha256: string; filename: string }[] = []
  const openings: string[] = []
  const revealings: unknown[] = []
  const received: { bytes: Buffer; mimeType: string; filename: string }[] = []
  const of = (agentId: string) => ({
    _id: `of-${agentId}`,
    agentId,
    offeredTo: null,
    queue: 'general',
    stage: { name: 'with_agent', isOnHold: false },
    lastAgentId: agentId,
    ...conversation,
  })
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: {
      signedIn: async ({ headers }) => persons.find(({ id }) => headers.cookie === `session=${id}`),
      refused: () => {},
    },
  })
  addMediaRoutes(app, {
    conversations: {
      conversations: async (ids: readonly string[]) =>
        ['ana', 'bruno'].map(of).filter(({ _id }) => ids.includes(_id)),
      messagesById: async (ids: readonly string[]) =>
        ids.flatMap((id) =>
          id.startsWith('message-')
            ? [
                {
                  _id: id,
                  conversationId: id.replace('message-', ''),
                  file: stored,
                  deletedAt: null,
                  isSensitive: false,
                  ...message,
                },
              ]
            : [],
        ),
    },
    feed: { position: () => '7', readPosition: async () => read },
    roster: { people: new Map(persons.map((person) => [person.id, person])), teams: new Map() },
    files: {
      async store(source, { mimeType, filename }) {
        coming.begun += 1
        const pieces: Uint8Array[] = []
        for await (const piece of source) pieces.push(piece)
        coming.whole += 1
        await storedOnce
        received.push({ bytes: Buffer.concat(pieces), mimeType, filename })
        if (mimeType === 'text/html') throw new HttpRefusal(422, 'MEDIA_TYPE_REFUSED', 'no')
        return { type: 'image', file: { sha256: 'b'.repeat(64), mimeType, bytes: BigInt(BYTES.length) } }
      },
      read: async (_, offset, length) => BYTES.subarray(offset, offset + length),
    } satisfies MediaRoutes['files'],
    changes: {
      async hold(request) {
        const key = idempotencyKeyOf(request)
        if (key === 'of-another-change') throw idempotencyKeyReused()
        return key
      },
    } satisfies MediaRoutes['changes'],
    uploads: {
      async count(personId, bytes) {
        counts.push([personId, bytes])
        return counts.reduce((sum, [, each]) => sum + each, 0) > bytesPerDayMax ? 3_600 : undefined
      },
      async keep(personId, uploadId, { file, filename }) {
        const known = kept.find((one) => one.uploadId === uploadId)
        if (known !== undefined) return known.filename === filename
        kept.push({ personId, uploadId, sha256: file.sha256, filename })
        return true
      },
    } satisfies MediaRoutes['uploads'],
    record: (async ({ type, person, fields }) =>
      void revealings.push([type, person?.id, fields])) satisfies MediaRoutes['record'],
    opened: (async (person, id) => void openings.push(`${person.id} ${id}`)) satisfies MediaRoutes['opened'],
  } as unknown as MediaRoutes)
  const get = async (url: string, person?: string, headers: Record<string, string> = {}) => {
    const cookie = person === undefined ? {} : { cookie: `session=${person}` }
    return app.inject({ method: 'GET', url, headers: { host: '127.0.0.1', ...cookie, ...headers } })
  }
  const upload = async (form: FormData | string, headers: Record<string, string> = {}) => {
    const request = new Request('http://127.0.0.1/', { method: 'POST', body: form })
    return app.inject({
      method: 'POST',
      url: '/api/uploads',
      headers: {
        host: '127.0.0.1',
        origin: 'http://127.0.0.1',
        cookie: 'session=ana',
        'content-type': request.headers.get('content-type') ?? '',
        ...headers,
      },
      payload: Buffer.from(await request.arrayBuffer()),
    })
  }
  return { app, get, upload, coming, counts, kept, received, openings, revealings }
}

describe('a file of a message', () => {
  test('is for whoever may see its conversation, on record; the same file of another conversation is not', async () => {
    const { get, openings } = desk()
    const own = await get('/api/media/of-ana/message-of-ana', 'ana')
    expect([own.statusCode, own.rawPayload]).toEqual([200, BYTES])
    expect(own.headers['content-security-policy']).toContain('sandbox')
    const part = await get('/api/media/of-ana/message-of-ana', 'ana', { range: 'bytes=4-10' })
    expect([part.statusCode, part.body]).toEqual([206, 'picture'])

    expect(openings.splice(0)).toEqual(['ana of-ana', 'ana of-ana'])

    const others = [
      '/api/media/of-bruno/message-of-bruno',
      // A conversation that one sees, and a message of another one.
      '/api/media/of-ana/message-of-bruno',
      '/api/media/of-ana/nothing',
      `/api/media/of-ana/${stored.sha256}`,
      '/api/media/nothing/message-of-ana',
    ]
    const answers = await Promise.all(others.map((url) => get(url, 'ana')))
    expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(
      others.map(() => [404, '{"code":"NOT_FOUND","message":"There is no such file."}']),
    )
    expect((await get('/api/media/of-ana/message-of-ana')).statusCode).toBe(401)
    expect(openings).toEqual([])
  })

  test('of a message that is masked is for whoever may reveal it, each time on record', async () => {
    const url = '/api/media/of-ana/message-of-ana'
    const held = desk({ isSensitive: true })
    const statusOf = async ({ get }: typeof held, person: string) => (await get(url, person)).statusCode
    expect([
      await statusOf(held, 'ana'),
      await statusOf(held, 'vera'),
      await statusOf(held, 'carla'),
      await statusOf(held, 'bruno'),
    ]).toEqual([200, 200, 404, 404])
    expect(held.revealings).toEqual([
      ['sensitive_revealed', 'ana', { file: 'message-of-ana' }],
      ['sensitive_revealed', 'vera', { file: 'message-of-ana' }],
    ])

    const over = desk({ isSensitive: true }, { agentId: null })
    expect([await statusOf(over, 'ana'), await statusOf(over, 'vera')]).toEqual([404, 200])

    const plain = desk()
    expect([await statusOf(plain, 'carla'), plain.revealings]).toEqual([200, []])
  })

  test('of a message that is masked is given to nobody while what desks were told is not read: its owner may be another one by now', async () => {
    const behind = desk({ isSensitive: true }, {}, Infinity, Promise.resolve(), '5')
    const { statusCode, body } = await behind.get('/api/media/of-ana/message-of-ana', 'ana')
    expect([statusCode, JSON.parse(body).code]).toEqual([503, 'NOT_READ_YET'])
    expect(behind.revealings).toEqual([])
  })

  test('is not shown where its message is not: deleted, not fetched yet, not to be had', async () => {
    const statusOf = async (message: Partial<DeskMessage>) =>
      JSON.parse((await desk(message).get('/api/media/of-ana/message-of-ana', 'ana')).body).code as string
    expect(await statusOf({ deletedAt: '2026-01-01T00:00:00.000Z' })).toBe('NOT_FOUND')
    expect(await statusOf({ isSensitive: true, deletedAt: '2026-01-01T00:00:00.000Z' })).toBe('NOT_FOUND')
    expect(await statusOf({ file: null })).toBe('NOT_FOUND')
    expect(await statusOf({ file: { unavailable: 'wrong_kind' } })).toBe('FILE_UNAVAILABLE')
  })
})

describe('an upload', () => {
  const formOf = (name: string, filename = 'cartão.jpg', type = 'image/jpeg') => {
    const form = new FormData()
    form.set(name, new Blob([BYTES], { type }), filename)
    return form
  }

  test('is its uploader’s, told by its bytes, under a name that leads nowhere', async () => {
    const { upload, kept, received } = desk()
    const answer = await upload(formOf('file', '../../etc/cartão.jpg'))
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { uploadId: kept[0]?.uploadId, type: 'image', bytes: BYTES.length },
    ])
    expect(received).toEqual([{ bytes: BYTES, mimeType: 'image/jpeg', filename: 'cartão.jpg' }])
    expect(kept).toMatchObject([{ personId: 'ana', sha256: 'b'.repeat(64), filename: 'cartão.jpg' }])
  })

  test('is one however often it comes under its key, which takes no other file; without one, each is one', async () => {
    const { upload, kept } = desk()
    const idOf = async (key: string | undefined, filename?: string) => {
      const answer = await upload(
        formOf('file', filename),
        key === undefined ? {} : { 'idempotency-key': key },
      )
      const { uploadId, code } = answer.json<{ uploadId?: string; code?: string }>()
      return uploadId ?? `${answer.statusCode} ${code}`
    }
    const first = await idOf('key-1')
    expect(await idOf('key-1')).toBe(first)
    expect(await idOf('key-1', 'other.jpg')).toBe('422 IDEMPOTENCY_KEY_REUSED')
    expect(await idOf('no key')).toBe('400 IDEMPOTENCY_KEY_MISSING')
    expect(await idOf('of-another-change')).toBe('422 IDEMPOTENCY_KEY_REUSED')
    const ids = [first, await idOf('key-2'), await idOf(undefined), await idOf(undefined)]
    expect(new Set(ids).size).toBe(4)
    expect(kept).toHaveLength(4)
  })

  test('is refused without a session, from another site, in another shape, under another name, of another kind', async () => {
    const { upload, kept } = desk()
    expect((await upload(formOf('file'), { cookie: '' })).statusCode).toBe(401)
    expect((await upload(formOf('file'), { origin: 'http://evil.test' })).statusCode).toBe(403)
    expect((await upload('{}', { 'content-type': 'application/json' })).statusCode).toBe(415)
    expect((await upload(formOf('another'))).statusCode).toBe(400)
    expect((await upload(formOf('file', 'a.html', 'text/html'))).json()).toMatchObject({
      code: 'MEDIA_TYPE_REFUSED',
    })
    expect(kept).toEqual([])
  })

  test('counts for its person as it comes, at least a little, and ends where they have no more left for that day', async () => {
    const { upload, counts, kept, received } = desk({}, {}, 1024 * 1024)
    expect((await upload(formOf('file'))).statusCode).toBe(200)
    expect(counts).toEqual([['ana', 256 * 1024]])
    const large = new FormData()
    large.set('file', new Blob([Buffer.alloc(2_000_000)]), 'large.pdf')
    const answer = await upload(large)
    expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toMatchObject([
      429,
      '3600',
      { code: 'UPLOADS_OF_DAY_USED_UP' },
    ])
    expect([kept.length, received.length]).toEqual([1, 1])
  })

  test('is one of so many of its person at once, and no more; one that is done makes room, and others have their own', async () => {
    const barrier = Promise.withResolvers<void>()
    const { upload, coming } = desk({}, {}, Infinity, barrier.promise)
    const begun = Array.from({ length: UPLOADS_AT_ONCE_MAX }, () => upload(formOf('file')))
    await expect.poll(() => coming.whole).toBe(UPLOADS_AT_ONCE_MAX)
    const refused = await upload(formOf('file'))
    expect([refused.statusCode, refused.json()]).toMatchObject([429, { code: 'TOO_MANY_UPLOADS' }])
    const others = upload(formOf('file'), { cookie: 'session=bruno' })
    barrier.resolve()
    const answers = await Promise.all([...begun, others])
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    for (let again = 0; again <= UPLOADS_AT_ONCE_MAX; again += 1)
      expect((await upload(formOf('another'))).statusCode).toBe(400)
    expect((await upload(formOf('file'))).statusCode).toBe(200)
  })

  test('that breaks off makes room, however many do', async () => {
    const { app, upload, coming } = desk()
    await app.listen({ host: '127.0.0.1', port: 0 })
    await using _ = { [Symbol.asyncDispose]: () => app.close() }
    const { port } = app.server.address() as { port: number }
    const head = [
      'POST /api/uploads HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `Origin: http://127.0.0.1:${port}`,
      'Cookie: session=ana',
      'Content-Type: multipart/form-data; boundary=b',
      'Content-Length: 1000000',
    ].join('\r\n')
    const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\nbegun'
    for (let broken = 1; broken <= 2 * UPLOADS_AT_ONCE_MAX; broken += 1) {
      const socket = connect(port, '127.0.0.1')
      socket.write(`${head}\r\n\r\n${file}`)
      await expect.poll(() => coming.begun).toBe(broken)
      socket.destroy()
      if (broken % UPLOADS_AT_ONCE_MAX !== 0) continue
      await expect.poll(async () => (await upload(formOf('another'))).statusCode).toBe(400)
    }
    expect((await upload(formOf('file'))).statusCode).toBe(200)
  })

  test('without a name is one all the same', async () => {
    const { upload, received } = desk()
    const form =
      '--b\r\nContent-Disposition: form-data; name="file"\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n'
    const answer = await upload(form, { 'content-type': 'multipart/form-data; boundary=b' })
    expect([answer.statusCode, received[0]?.filename]).toEqual([200, ''])
  })

  test('has a name that is read as it is written, and no half character where it is cut', async () => {
    const { upload, received } = desk()
    await upload(formOf('file', 'a\u202egnp.exe'))
    await upload(formOf('file', `${'👍'.repeat(200)}a`))
    expect(received.map(({ filename }) => [filename, filename.isWellFormed()])).toEqual([
      ['agnp.exe', true],
      [`${'👍'.repeat(119)}a`, true],
    ])
  })

  test('of whatever form is stored whole or refused with a code, and what comes next on its connection is answered', async () => {
    const { app, received, kept } = desk()
    await app.listen({ host: '127.0.0.1', port: 0 })
    await using _ = { [Symbol.asyncDispose]: () => app.close() }
    const { port } = app.server.address() as { port: number }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const send = (method: string, path: string, headers: Record<string, string>, body: Buffer) =>
      new Promise<{ readonly status: number; readonly code: string }>((resolve, reject) => {
        const headersToo = { cookie: 'session=ana', origin: `http://127.0.0.1:${port}`, ...headers }
        request({ agent, host: '127.0.0.1', port, method, path, headers: headersToo }, (response) => {
          const chunks: Buffer[] = []
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('end', () => {
              const { code = '' } = JSON.parse(Buffer.concat(chunks).toString()) as { code?: string }
              resolve({ status: response.statusCode ?? 0, code })
            })
        })
          .on('error', reject)
          .end(body)
      })

    const word = fc.oneof(
      fc.constantFrom(
        'file',
        'other',
        '__proto__',
        'constructor',
        '',
        '../../x',
        'a\u202eb',
        '\u0000',
        '"',
        '👍',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    const part = fc.record({
      name: fc.option(fc.oneof({ weight: 3, arbitrary: fc.constant('file') }, word), { nil: undefined }),
      filename: fc.option(word, { nil: undefined }),
      type: fc.option(
        fc.constantFrom(
          'application/octet-stream',
          'application/json',
          'text/html',
          'multipart/mixed; boundary=b',
          '/;;',
          'a'.repeat(9_000),
        ),
        { nil: undefined },
      ),
      more: fc.constantFrom(
        '',
        'X: y\r\n'.repeat(3_000),
        '\u0000\u0001\r\n',
        'Content-Transfer-Encoding: base64\r\n',
      ),
      // More than a socket and a parser hold by themselves.
      bytes: fc.oneof(fc.nat(20), fc.constantFrom(0, 300_000)),
      ending: fc.constantFrom('\r\n', '', '\r\n--b', '\r\n--b--'),
    })
    type Part = typeof part extends fc.Arbitrary<infer P> ? P : never
    const written = ({ name, filename, type, more, bytes, ending }: Part): string =>
      [
        '--b\r\nContent-Disposition: form-data',
        name === undefined ? '' : `; name="${name}"`,
        filename === undefined ? '' : `; filename="${filename}"`,
        '\r\n',
        type === undefined ? '' : `Content-Type: ${type}\r\n`,
        more,
        '\r\n',
        'x'.repeat(bytes),
        ending,
      ].join('')
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 8 }),
        fc.constantFrom(
          '; boundary=b',
          '; boundary=b',
          '; boundary="b"',
          '',
          '; boundary=',
          '; boundary=other',
          '; boundary=__proto__',
        ),
        fc.option(fc.nat(), { nil: undefined }),
        async (parts, boundary, cut) => {
          const whole = Buffer.from(`${parts.map(written).join('')}--b--\r\n`)
          const body = cut === undefined ? whole : whole.subarray(0, cut % whole.length)
          const before = [received.length, kept.length] as const
          const answer = await send(
            'POST',
            '/api/uploads',
            { 'content-type': `multipart/form-data${boundary}` },
            body,
          )
          expect(['200 ', '400 BODY_INVALID', '413 BODY_TOO_LARGE', '422 MEDIA_TYPE_REFUSED']).toContain(
            `${answer.status} ${answer.code}`,
          )
          expect(kept.length - before[1]).toBe(answer.status === 200 ? 1 : 0)
          for (const { filename } of received.slice(before[0]))
            expect(filename).not.toMatch(/[/\\\p{Cc}\p{Cs}\p{Bidi_Control}]/u)
          expect((await send('GET', '/api/media/x/y', {}, Buffer.alloc(0))).status).toBe(404)
        },
      ),
      runs(60),
    )
    agent.destroy()
  })
})
