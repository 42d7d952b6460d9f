import type { FastifyInstance } from 'fastify'
import type { BusinessNumber } from '../../network/numbers.ts'
import type { MediaStore } from '../media-store.ts'
import { AN_ID, type On, READ, WRITE, idOf, onlyFields, page, queryOf, refuseUnknown } from './answers.ts'

export interface ObjectCalls {
  readonly numbers: ReadonlyMap<string, BusinessNumber>
  readonly wabaIds: ReadonlySet<string>
  readonly media: MediaStore
  readonly webhookUrl: string
  /** Where media are downloaded from; not the Host header, which may name Meta. */
  readonly publicUrl: () => string
}

/** What an id stands for (a number, an account, a file), and what each of them says of itself. */
export const addObjectCalls = (
  graph: FastifyInstance,
  onNumber: On<BusinessNumber>,
  onAccount: On<string>,
  { numbers, wabaIds, media, webhookUrl, publicUrl }: ObjectCalls,
): void => {
  const subscribed = new Set<string>()

  graph.get(
    `${AN_ID}/whatsapp_business_profile`,
    READ,
    onNumber((_, __, reply) =>
      reply.send({
        data: [{ about: 'Parley simulator', messaging_product: 'whatsapp', vertical: 'FINANCE' }],
      }),
    ),
  )
  for (const action of ['whatsapp_business_profile', 'register', 'deregister', 'settings'])
    graph.post(
      `${AN_ID}/${action}`,
      WRITE,
      onNumber((_, __, reply) => reply.send({ success: true })),
    )

  graph.get(
    `${AN_ID}/phone_numbers`,
    READ,
    onAccount((wabaId, request, reply) => {
      const own = [...numbers.values()].filter((number) => number.wabaId === wabaId)
      const nodes = own.map((number) => onlyFields(numberNode(number, webhookUrl), queryOf(request)))
      return reply.send(page(nodes, queryOf(request)))
    }),
  )
  graph.get(
    `${AN_ID}/subscribed_apps`,
    READ,
    onAccount((wabaId, _, reply) =>
      reply.send({
        data: subscribed.has(wabaId)
          ? [{ whatsapp_business_api_data: { id: '1', name: 'Parley', link: webhookUrl } }]
          : [],
      }),
    ),
  )
  graph.post(
    `${AN_ID}/subscribed_apps`,
    WRITE,
    onAccount((wabaId, _, reply) => {
      subscribed.add(wabaId)
      return reply.send({ success: true })
    }),
  )

  graph.get(AN_ID, READ, (request, reply) => {
    const id = idOf(request)
    const number = numbers.get(id)
    if (number !== undefined) return reply.send(onlyFields(numberNode(number, webhookUrl), queryOf(request)))
    if (wabaIds.has(id)) {
      const account = { name: 'Parley', timezone_id: '25', currency: 'BRL', id }
      return reply.send(onlyFields(account, queryOf(request)))
    }
    const stored = media.get(id)
    if (stored === undefined) return refuseUnknown(request, reply)
    return reply.send({
      messaging_product: 'whatsapp',
      url: publicUrl() + media.downloadPath(id),
      mime_type: stored.mimeType,
      sha256: stored.sha256.toString('hex'),
      file_size: String(stored.bytes.length),
      id,
    })
  })
  graph.post(
    AN_ID,
    WRITE,
    onNumber((_, __, reply) => reply.send({ success: true })),
  )
  graph.delete(AN_ID, WRITE, (request, reply) =>
    media.drop(idOf(request)) ? reply.send({ success: true }) : refuseUnknown(request, reply),
  )
}

const numberNode = (number: BusinessNumber, webhookUrl: string): Readonly<Record<string, unknown>> => ({
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
