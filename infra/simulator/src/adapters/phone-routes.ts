import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { ChatBook, ChatFact } from '../customer/chats.ts'
import { isBsuid, waIdOf } from '../customer/identity.ts'
import { DOCUMENT_BYTES_MAX, sentByCustomer } from '../graph/media-types.ts'
import type { WhatsAppNetwork } from '../network/network.ts'
import type { BusinessNumber } from '../network/numbers.ts'
import type { MediaStore } from './media-store.ts'
import { reachesPhone, shownEntry, type PhoneHub } from './phones.ts'

export interface PhoneRoutesOptions {
  readonly network: WhatsAppNetwork
  readonly numbers: ReadonlyMap<string, BusinessNumber>
  readonly chats: ChatBook
  readonly record: (fact: ChatFact) => void
  readonly hub: PhoneHub
  readonly media: MediaStore
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
])

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; " +
    "img-src 'self' http: https: data: blob:; media-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}

const streamQuery = z.object({
  waId: z.string().trim().min(1),
  name: z.string().trim().max(60).optional(),
  phoneNumberId: z.string().optional(),
})
const fileQuery = z.object({ filename: z.string().max(240).optional().catch(undefined) })
const visibility = z.object({ waId: z.string(), connection: z.string(), visible: z.boolean() })
const keepAliveMs = 20_000

const jsonOf = (body: unknown): unknown => {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as unknown
  } catch {
    return undefined
  }
}

const page = { config: { access: 'public' } } as const
/** A page of another site must not read a customer's chat, nor write in it. */
const read = { config: { access: 'public', origin: 'own' } } as const
const write = { config: { access: 'public', origin: 'own', body: 'raw' } } as const

/** The phone page, its files, and the live chat that it shows. */
export const phoneRoutes = (server: FastifyInstance, options: PhoneRoutesOptions): void => {
  const { network, numbers, chats, record, hub, media } = options
  const folder = join(import.meta.dirname, '../phone')
  const files = new Map(
    readdirSync(folder)
      .filter((name) => contentTypes.has(extname(name)))
      .map((name) => [name, readFileSync(join(folder, name))]),
  )

  const sendFile = (reply: FastifyReply, name: string): FastifyReply => {
    const bytes = files.get(name)
    if (bytes === undefined) return reply.code(404).send('Not found')
    return reply
      .headers(securityHeaders)
      .type(contentTypes.get(extname(name)) ?? '')
      .send(bytes)
  }
  server.get('/', page, (_, reply) => sendFile(reply, 'index.html'))
  server.get('/phone/:file', page, (request, reply) =>
    sendFile(reply, (request.params as { file: string }).file),
  )
  server.get('/favicon.ico', page, (_, reply) => sendFile(reply, 'icon.svg'))

  server.get('/phone/chat/stream', { config: { ...read.config, stream: true } }, (request, reply) => {
    const parsed = streamQuery.safeParse(request.query)
    const given = parsed.data?.waId ?? ''
    const waId = waIdOf(given)
    const number = numbers.get(parsed.data?.phoneNumberId ?? '') ?? [...numbers.values()][0]
    if (!parsed.success || number === undefined || (waId === undefined && !isBsuid(given))) {
      return reply
        .code(400)
        .send({ error: { code: 'INVALID_CUSTOMER', message: 'waId must be a wa_id or a BSUID.' } })
    }
    const key = chats.keyOf(given)
    const introduce = (): void =>
      record({
        kind: 'known',
        key,
        ...(waId === undefined || isBsuid(given) ? {} : { waId }),
        ...(parsed.data.name === undefined || parsed.data.name === '' ? {} : { name: parsed.data.name }),
        onPhone: true,
      })
    introduce()

    const connection = randomUUID()
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const send = (event: string, data: unknown): void => {
      if (event === 'reset') introduce()
      raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    }
    const customer = chats.customerAt(key)
    send('welcome', {
      connection,
      customer: { waId: customer.waId ?? null, userId: customer.userId, name: customer.name },
      business: number,
      numbers: [...numbers.values()],
      blockedByCustomer: chats.chatAt(customer, number.phoneNumberId).blockedByCustomer,
      entries: [...chats.chatAt(customer, number.phoneNumberId).entries.values()]
        .filter(reachesPhone)
        .map(shownEntry),
    })
    hub.open(key, connection, { phoneNumberId: number.phoneNumberId, send, visible: false })
    const keepAlive = setInterval(() => raw.write(': still here\n\n'), keepAliveMs)
    raw.on('close', () => {
      clearInterval(keepAlive)
      hub.close(key, connection)
    })
    return reply
  })

  server.post('/phone/chat/visibility', write, (request, reply) => {
    const parsed = visibility.safeParse(jsonOf(request.body))
    if (!parsed.success) return reply.code(400).send({ error: { code: 'INVALID_VISIBILITY' } })
    const key = chats.keyOf(parsed.data.waId)
    hub.setVisible(key, parsed.data.connection, parsed.data.visible)
    if (parsed.data.visible) {
      for (const phoneNumberId of numbers.keys()) {
        if (hub.isLooking(key, phoneNumberId)) network.business.isLookedAt(key, phoneNumberId)
      }
    }
    return reply.code(204).send()
  })

  /**
   * A file from the phone: the bytes as the body, `?filename=` for its name. Answers `{ type, media }`: a message of this type has that
   * media. The type is what the sender says, as at WhatsApp: the product may not believe it.
   */
  server.post('/phone/chat/media', { ...write, bodyLimit: DOCUMENT_BYTES_MAX }, (request, reply) => {
    const mimeType = request.headers['content-type'] ?? ''
    const { filename } = fileQuery.parse(request.query)
    const { kind, bytesMax } = sentByCustomer(mimeType.split(';')[0]?.trim() ?? '')
    const bytes = request.body
    if (!Buffer.isBuffer(bytes) || bytes.length === 0)
      return reply
        .code(400)
        .send({ error: { code: 'INVALID_MEDIA', message: 'Send the bytes of the file, with its type.' } })
    if (bytes.length > bytesMax)
      return reply.code(413).send({
        error: { code: 'MEDIA_TOO_LARGE', message: `A file of this type has at most ${bytesMax} bytes.` },
        bytesMax,
      })
    const stored = media.add(mimeType, bytes, filename)
    return reply.send({
      type: kind,
      media: {
        ...(kind === 'document' && filename !== undefined ? { filename } : {}),
        mime_type: mimeType,
        sha256: stored.sha256.toString('base64'),
        id: stored.id,
      },
    })
  })
  server.get('/phone/chat/media/:id', read, (request, reply) => {
    const stored = media.get((request.params as { id: string }).id)
    if (stored === undefined) return reply.code(404).send('Not found')
    return reply
      .headers({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "sandbox; default-src 'none'",
      })
      .type(stored.mimeType)
      .send(stored.bytes)
  })
}
