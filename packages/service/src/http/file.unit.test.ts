import { expect, onTestFinished, test } from 'vitest'
import { type StrangersFile, sendStrangersFile } from './file.ts'
import { createHttpServer, listen } from './server.ts'

const BYTES = Buffer.from(Array.from({ length: 1_300_000 }, (_, at) => at % 251))

function serving(
  file: Partial<StrangersFile> = {},
  read?: (offset: number, length: number) => Promise<Buffer>,
) {
  const app = createHttpServer({ hosts: ['127.0.0.1'] })
  app.get('/file', { config: { access: 'public' } }, (request, reply) =>
    sendStrangersFile(
      request,
      reply,
      { mimeType: 'video/mp4', bytes: BYTES.length, filename: '', ...file },
      read ?? (async (offset, length) => BYTES.subarray(offset, offset + length)),
    ),
  )
  return async (headers: Record<string, string> = {}) => {
    const answer = await app.inject({
      method: 'GET',
      url: '/file',
      headers: { host: '127.0.0.1', ...headers },
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.rawPayload }
  }
}

test('a picture, a sound and a film are shown, all else is a download, and nothing of it runs', async () => {
  for (const [mimeType, shownAs, disposition] of [
    ['image/png', 'image/png', 'inline'],
    ['audio/ogg', 'audio/ogg', 'inline'],
    ['video/mp4', 'video/mp4', 'inline'],
    ['image/svg+xml', 'application/octet-stream', 'attachment'],
    ['text/html', 'application/octet-stream', 'attachment'],
    ['application/xml', 'application/octet-stream', 'attachment'],
    ['application/pdf', 'application/pdf', 'attachment'],
  ] as const) {
    const { headers } = await serving({ mimeType })()
    expect(headers['content-type']).toBe(shownAs)
    expect(headers['content-disposition']).toMatch(new RegExp(`^${disposition}`))
    expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['cache-control']).toContain('no-store')
  }
})

test('the name that a sender gave a file reaches the browser as a name and nothing else', async () => {
  const filename = 'fatura "ação"\r\nset-cookie: a=b.pdf'
  const forged = await serving({ mimeType: 'application/pdf', filename })()
  expect(forged.status).toBe(200)
  expect(forged.headers).not.toHaveProperty('set-cookie')
  const named = await serving({ mimeType: 'application/pdf', filename: 'ação "1".pdf' })()
  expect(named.headers['content-disposition']).toContain("filename*=UTF-8''a%C3%A7%C3%A3o%20%221%22.pdf")
  const turned = await serving({ mimeType: 'application/pdf', filename: 'x\u202Efdp.exe' })()
  expect(turned.headers['content-disposition']).toBe('attachment; filename=xfdp.exe')
  const climbing = await serving({ mimeType: 'application/pdf', filename: '..\\../.ssh/x.pdf' })()
  expect(climbing.headers['content-disposition']).toBe('attachment; filename=x.pdf')
  // More than proxies take of headers is an answer that never arrives.
  const endless = await serving({ mimeType: 'application/pdf', filename: `${'ক্ষ🧾'.repeat(500)}.pdf` })()
  expect(endless.headers['content-disposition']!.length).toBeLessThan(4_096)
  expect(endless.headers['content-disposition']).toMatch(/\.pdf$/)
})

test('a part is answered exactly, in pieces, and what is no part of it is refused', async () => {
  const get = serving()
  const whole = await get()
  expect(whole).toMatchObject({ status: 200, headers: { 'accept-ranges': 'bytes' } })
  expect(whole.body).toEqual(BYTES)
  for (const [range, start, end] of [
    ['bytes=0-0', 0, 0],
    ['bytes=100-1299999', 100, 1_299_999],
    ['bytes=1200000-', 1_200_000, 1_299_999],
    ['bytes=-5', 1_299_995, 1_299_999],
    ['bytes=5-99999999', 5, 1_299_999],
  ] as const) {
    const part = await get({ range })
    expect(part.status).toBe(206)
    expect(part.headers['content-range']).toBe(`bytes ${start}-${end}/${BYTES.length}`)
    expect(part.body).toEqual(BYTES.subarray(start, end + 1))
  }
  expect(await get({ range: 'bytes=1300000-' })).toMatchObject({
    status: 416,
    headers: { 'content-range': 'bytes */1300000' },
  })
  for (const range of ['bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6'])
    expect((await get({ range })).status).toBe(200)
  // A part of the file as it was when the browser began with it: which that was, nobody knows.
  for (const version of ['"abc"', 'Fri, 27 Nov 2026 21:00:00 GMT']) {
    const { status, body } = await get({ range: 'bytes=5-', 'if-range': version })
    expect({ status, bytes: body.length }).toEqual({ status: 200, bytes: BYTES.length })
  }
})

test('what cannot be read is refused before a byte is sent', async () => {
  const get = serving({}, () => Promise.reject(new Error('away')))
  expect((await get()).status).toBe(500)
})

test('whose session ends while a file is on its way to them gets no more of it', async () => {
  const offsets: number[] = []
  const ana = { id: 'p-1', login: 'ana', name: 'Ana', roles: [], team: null, vendor: null, permissions: [] }
  const app = createHttpServer({
    hosts: ['127.0.0.1'],
    doorkeeper: {
      signedIn: async () => (offsets.length < 2 ? { ...ana, sessionId: 's-1' } : undefined),
      refused: () => {},
    },
    patience: { letInForMs: 0 },
  })
  app.get('/file', { config: { access: 'signed in' } }, (request, reply) =>
    sendStrangersFile(
      request,
      reply,
      { mimeType: 'video/mp4', bytes: BYTES.length, filename: '' },
      async (offset, length) => {
        offsets.push(offset)
        return BYTES.subarray(offset, offset + length)
      },
    ),
  )
  const server = await listen(app, '127.0.0.1', 0)
  onTestFinished(() => server.close())
  const answer = await fetch(`http://127.0.0.1:${server.port}/file`)
  expect(answer.status).toBe(200)
  await expect(answer.arrayBuffer()).rejects.toThrow('terminated')
  expect(offsets).toEqual([0, 524_288])
})
