import { createHash, timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChatBook } from '../customer/chats.ts'
import { graphError, graphErrorBody, noSuchObject, type GraphError } from '../graph/errors.ts'
import { DOCUMENT_BYTES_MAX, uploadBytesMax } from '../graph/media-types.ts'
import { readParameters, type Parameters } from '../graph/parameters.ts'
import type { MessageTemplate, TemplateBook } from '../graph/templates.ts'
import type { WhatsAppNetwork } from '../network/network.ts'
import type { BusinessNumber } from '../network/numbers.ts'
import type { MediaStore } from './media-store.ts'

export interface GraphRoutesOptions {
  readonly network: WhatsAppNetwork
  readonly numbers: ReadonlyMap<string, BusinessNumber>
  readonly chats: ChatBook
  readonly templates: TemplateBook
  readonly media: MediaStore
  readonly accessToken: string
  readonly webhookUrl: string
  /** Where media are downloaded from; not the Host header, which may name Meta. */
  readonly publicUrl: () => string
}

/** What stands around the file in a multipart body. */
const formBytesMax = 1024 * 1024
const uploadBodyBytesMax = DOCUMENT_BYTES_MAX + formBytesMax
const pathWithVersion = /^\/v\d+(?:\.\d+)?(?=\/)/

/** Graph paths work with and without a version. */
export const withoutVersion = (url: string): string => url.replace(pathWithVersion, '')

type Query = Readonly<Record<string, string | undefined>>
const queryOf = (request: FastifyRequest): Query => request.query as Query
const idOf = (request: FastifyRequest): string => (request.params as { id: string }).id
const parametersOf = (request: FastifyRequest): Parameters | undefined =>
  readParameters(request.headers['content-type'], request.body as Buffer | undefined)

const refuse = (reply: FastifyReply, error: GraphError): FastifyReply => {
  if (error.httpStatus === 401) {
    void reply.header('www-authenticate', `OAuth "Facebook Platform" "invalid_token" "${error.title}"`)
  }
  return reply.code(error.httpStatus).send(graphErrorBody(error))
}

const sameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

const page = (items: readonly object[], query: Query): object => {
  const limit = Math.min(Math.max(Number(query['limit']) || 100, 1), 1000)
  const start =
    query['after'] === undefined ? 0 : Number(Buffer.from(query['after'], 'base64url').toString()) || 0
  const data = items.slice(start, start + limit)
  const cursor = (at: number): string => Buffer.from(String(at)).toString('base64url')
  const end = start + data.length
  return {
    data,
    ...(data.length === 0 ? {} : { paging: { cursors: { before: cursor(start), after: cursor(end) } } }),
  }
}

const onlyFields = (node: Readonly<Record<string, unknown>>, query: Query): object => {
  const wanted = query['fields']?.split(',').map((field) => field.trim())
  if (wanted === undefined) return node
  return Object.fromEntries(
    Object.entries(node).filter(([field]) => field === 'id' || wanted.includes(field)),
  )
}

/** Meta's Graph API, as far as a business number needs it. */
export const graphRoutes = (server: FastifyInstance, options: GraphRoutesOptions): void => {
  const { network, numbers, chats, templates, media, accessToken, webhookUrl, publicUrl } = options
  const wabaIds = new Set([...numbers.values()].map(({ wabaId }) => wabaId))
  const subscribed = new Set<string>()

  const tokenOf = (request: FastifyRequest): string | undefined =>
    /^(?:Bearer|OAuth)\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
    queryOf(request)['access_token'] ??
    (typeof request.body === 'object' && request.headers['content-type']?.includes('urlencoded') === true
      ? (parametersOf(request)?.['access_token'] as string | undefined)
      : undefined)

  const authorised = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const token = tokenOf(request)
    if (token !== undefined && sameText(token, accessToken)) return undefined
    return refuse(reply, graphError(190, ''))
  }

  /** Only a form may have the token in its body, and none that is larger than a message: whoever has none is not listened to. */
  const authorisedBeforeBody = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const mayTellLater =
      request.headers['content-type']?.includes('urlencoded') === true &&
      request.routeOptions.bodyLimit !== uploadBodyBytesMax
    return tokenOf(request) === undefined && mayTellLater ? undefined : authorised(request, reply)
  }

  /** What only numbers answer: the handler gets the number, or the call is refused as Meta does. */
  const onNumber =
    (handle: (number: BusinessNumber, request: FastifyRequest, reply: FastifyReply) => unknown) =>
    (request: FastifyRequest, reply: FastifyReply): unknown => {
      const number = numbers.get(idOf(request))
      return number === undefined
        ? refuse(reply, noSuchObject(request.method.toLowerCase(), idOf(request)))
        : handle(number, request, reply)
    }
  const onAccount =
    (handle: (wabaId: string, request: FastifyRequest, reply: FastifyReply) => unknown) =>
    (request: FastifyRequest, reply: FastifyReply): unknown =>
      wabaIds.has(idOf(request))
        ? handle(idOf(request), request, reply)
        : refuse(reply, noSuchObject(request.method.toLowerCase(), idOf(request)))

  const numberNode = (number: BusinessNumber): Readonly<Record<string, unknown>> => ({
    verified_name: number.name,
    code_verification_status: 'VERIFIED',
    display_phone_number: number.displayPhoneNumber,
    quality_rating: 'GREEN',
    platform_type: 'CLOUD_API',
    throughput: { level: 'HIGH' },
    status: 'CONNECTED',
    name_status: 'APPROVED',
    account_mode: 'SANDBOX',
    webhook_configuration: { application: webhookUrl },
    id: number.phoneNumberId,
  })

  const cut = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack()
    request.raw.socket.destroy()
  }

  const messages = async (
    number: BusinessNumber,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const body = parametersOf(request)
    if (body === undefined)
      return refuse(reply, graphError(100, 'The body must be a JSON object or form fields.'))
    const outcome = await network.businessCalls(number, body)
    if (outcome.delayMs > 0) await sleep(outcome.delayMs, undefined, { ref: false })
    if (outcome.kind === 'refused') return refuse(reply, outcome.error)
    if (outcome.dropAnswer) return cut(request, reply)
    return reply.send(outcome.answer)
  }

  const upload = async (
    _: BusinessNumber,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const contentType = request.headers['content-type'] ?? ''
    const refuseUpload = (details: string): FastifyReply => refuse(reply, graphError(100, details))
    if (!contentType.startsWith('multipart/form-data'))
      return refuseUpload('The body must be multipart/form-data.')
    let form: FormData
    try {
      form = await new Response(request.body as Buffer<ArrayBuffer>, {
        headers: { 'content-type': contentType },
      }).formData()
    } catch {
      return refuseUpload('The multipart body cannot be read.')
    }
    if ((form.get('messaging_product') ?? queryOf(request)['messaging_product']) !== 'whatsapp') {
      return refuseUpload('The parameter messaging_product is required.')
    }
    const file = form.get('file')
    if (!(file instanceof File)) return refuseUpload('The parameter file is required.')
    const named = form.get('type')
    const mimeType = (file.type || (typeof named === 'string' ? named : '')).split(';')[0]?.trim() ?? ''
    const most = uploadBytesMax(mimeType)
    if (most === undefined) return refuseUpload(`Param file must be of a supported type; ${mimeType} is not.`)
    if (file.size > most)
      return refuseUpload(`Param file must have at most ${most} bytes; it has ${file.size}.`)
    const stored = media.add(mimeType, Buffer.from(await file.arrayBuffer()), file.name)
    return reply.send({ id: stored.id })
  }

  const changeBlocked = (
    number: BusinessNumber,
    request: FastifyRequest,
    reply: FastifyReply,
    blocked: boolean,
  ): FastifyReply => {
    const users = parametersOf(request)?.['block_users']
    if (!Array.isArray(users) || users.length === 0) {
      return refuse(reply, graphError(100, 'The parameter block_users is required.'))
    }
    const done: object[] = []
    const failed: object[] = []
    for (const item of users as readonly Parameters[]) {
      const input = item['user'] ?? item['user_id']
      if (typeof input !== 'string')
        return refuse(reply, graphError(100, 'Each of block_users needs user or user_id.'))
      const error = network.block(number, input, blocked)
      const named = item['user'] === undefined ? { user_id: input } : { wa_id: input.replace(/\D/g, '') }
      if (error === undefined) done.push({ input, ...named })
      else {
        failed.push({
          input,
          ...named,
          errors: [
            { message: 'Re-engagement required', code: error.code, error_data: { details: error.details } },
          ],
        })
      }
    }
    const answer = {
      messaging_product: 'whatsapp',
      block_users: {
        [blocked ? 'added_users' : 'removed_users']: done,
        ...(failed.length === 0 ? {} : { failed_users: failed }),
      },
    }
    if (failed.length === 0) return reply.send(answer)
    return reply.code(400).send({ ...answer, ...graphErrorBody(graphError(139100, '')) })
  }

  const blockedCustomers = (number: BusinessNumber): object[] =>
    [...chats.all()]
      .filter(({ chats }) => chats.get(number.phoneNumberId)?.blockedByBusiness === true)
      .map(({ waId, userId }) => ({
        messaging_product: 'whatsapp',
        // pywa reads `input` here as in the answer to a block.
        input: waId ?? userId,
        ...(waId === undefined ? { user_id: userId } : { wa_id: waId }),
      }))

  const history = (number: BusinessNumber, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const messageId = queryOf(request)['message_id']
    const place = messageId === undefined ? undefined : chats.whereIs(messageId)
    const entry =
      place?.number === number.phoneNumberId
        ? chats
            .find(place.key)
            ?.chats.get(place.number)
            ?.entries.get(messageId ?? '')
        : undefined
    if (entry === undefined) return reply.send({ data: [] })
    return reply.send({
      data: [
        {
          id: entry.id,
          message_id: entry.id,
          events: {
            data: [
              {
                id: `${entry.id}:${entry.status}`,
                delivery_status: entry.status.toUpperCase(),
                timestamp: Math.floor(entry.at / 1000),
                webhook_uri: webhookUrl,
                webhook_update_state: 'SENT',
              },
            ],
          },
        },
      ],
    })
  }

  const addTemplate = (_: string, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const body = parametersOf(request) ?? {}
    const { name, language, category } = body
    const components = Array.isArray(body['components']) ? (body['components'] as readonly Parameters[]) : []
    const text = components.find((component) => String(component['type']).toUpperCase() === 'BODY')?.['text']
    if (typeof name !== 'string' || typeof language !== 'string' || typeof text !== 'string') {
      return refuse(reply, graphError(100, 'A template needs name, language and a BODY component with text.'))
    }
    const known = ['UTILITY', 'MARKETING', 'AUTHENTICATION'] as const
    const kind: MessageTemplate['category'] = known.find((item) => item === category) ?? 'UTILITY'
    templates.add({ name, language, category: kind, body: text })
    return reply.send({ id: templateId({ name, language }), status: 'APPROVED', category: kind })
  }

  const templateId = ({ name, language }: Pick<MessageTemplate, 'name' | 'language'>): string =>
    createHash('sha256').update(`${name}/${language}`).digest().readUIntBE(0, 6).toString()

  void server.register(async (graph) => {
    graph.addHook('onRequest', authorisedBeforeBody)
    graph.addHook('preHandler', authorised)
    const read = { config: { access: 'capability' } } as const
    const write = { config: { access: 'capability', body: 'raw' } } as const
    const number = '/:id(^\\d+$)'

    graph.post(`${number}/messages`, write, onNumber(messages))
    graph.post(`${number}/media`, { ...write, bodyLimit: uploadBodyBytesMax }, onNumber(upload))
    graph.post(
      `${number}/block_users`,
      write,
      onNumber((n, request, reply) => changeBlocked(n, request, reply, true)),
    )
    graph.delete(
      `${number}/block_users`,
      write,
      onNumber((n, request, reply) => changeBlocked(n, request, reply, false)),
    )
    graph.get(
      `${number}/block_users`,
      read,
      onNumber((n, request, reply) => reply.send(page(blockedCustomers(n), queryOf(request)))),
    )
    graph.get(`${number}/message_history`, read, onNumber(history))
    graph.get(
      `${number}/whatsapp_business_profile`,
      read,
      onNumber((_, __, reply) =>
        reply.send({
          data: [{ about: 'Parley simulator', messaging_product: 'whatsapp', vertical: 'FINANCE' }],
        }),
      ),
    )
    for (const action of ['whatsapp_business_profile', 'register', 'deregister', 'settings']) {
      graph.post(
        `${number}/${action}`,
        write,
        onNumber((_, __, reply) => reply.send({ success: true })),
      )
    }
    graph.get(
      `${number}/phone_numbers`,
      read,
      onAccount((wabaId, request, reply) =>
        reply.send(
          page(
            [...numbers.values()]
              .filter((item) => item.wabaId === wabaId)
              .map((item) => onlyFields(numberNode(item), queryOf(request))),
            queryOf(request),
          ),
        ),
      ),
    )
    graph.get(
      `${number}/message_templates`,
      read,
      onAccount((_, request, reply) => {
        const { name } = queryOf(request)
        const listed = templates
          .all()
          .filter((item) => name === undefined || item.name === name)
          .map((item) => ({
            name: item.name,
            components: [{ type: 'BODY', text: item.body }],
            language: item.language,
            status: 'APPROVED',
            category: item.category,
            id: templateId(item),
          }))
        return reply.send(page(listed, queryOf(request)))
      }),
    )
    graph.post(`${number}/message_templates`, write, onAccount(addTemplate))
    graph.delete(
      `${number}/message_templates`,
      write,
      onAccount((_, request, reply) =>
        templates.remove(queryOf(request)['name'] ?? '')
          ? reply.send({ success: true })
          : refuse(reply, graphError(100, 'No template of this name.')),
      ),
    )
    graph.get(
      `${number}/subscribed_apps`,
      read,
      onAccount((wabaId, _, reply) =>
        reply.send({
          data: subscribed.has(wabaId)
            ? [{ whatsapp_business_api_data: { id: '1', name: 'Parley', link: webhookUrl } }]
            : [],
        }),
      ),
    )
    graph.post(
      `${number}/subscribed_apps`,
      write,
      onAccount((wabaId, _, reply) => {
        subscribed.add(wabaId)
        return reply.send({ success: true })
      }),
    )

    graph.get(number, read, (request, reply) => {
      const id = idOf(request)
      const found = numbers.get(id)
      if (found !== undefined) return reply.send(onlyFields(numberNode(found), queryOf(request)))
      if (wabaIds.has(id)) {
        return reply.send(
          onlyFields({ name: 'Parley', timezone_id: '25', currency: 'BRL', id }, queryOf(request)),
        )
      }
      const stored = media.get(id)
      if (stored === undefined) return refuse(reply, noSuchObject('get', id))
      return reply.send({
        messaging_product: 'whatsapp',
        url: publicUrl() + media.downloadPath(id),
        mime_type: stored.mimeType,
        sha256: stored.sha256.toString('hex'),
        file_size: String(stored.bytes.length),
        id,
      })
    })
    graph.post(number, write, (request, reply) =>
      numbers.has(idOf(request))
        ? reply.send({ success: true })
        : refuse(reply, noSuchObject('post', idOf(request))),
    )
    graph.delete(number, write, (request, reply) =>
      media.drop(idOf(request))
        ? reply.send({ success: true })
        : refuse(reply, noSuchObject('delete', idOf(request))),
    )
    graph.get('/whatsapp_business/attachments/', read, (request, reply) => {
      const { mid = '', ext = '', hash = '' } = queryOf(request)
      const stored = media.atDownloadPath(mid, ext, hash)
      return stored === undefined
        ? reply.code(404).send('URL signature expired')
        : reply.type(stored.mimeType).send(stored.bytes)
    })
  })
}
