import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChatBook } from '../../customer/chats.ts'
import { graphError } from '../../graph/errors.ts'
import type { WhatsAppNetwork } from '../../network/network.ts'
import type { BusinessNumber } from '../../network/numbers.ts'
import { AN_ID, type On, READ, WRITE, parametersOf, queryOf, refuse } from './answers.ts'

export interface MessageCalls {
  readonly network: Pick<WhatsAppNetwork, 'business'>
  readonly chats: ChatBook
  readonly webhookUrl: string
}

/** What a number sends, and what became of it. */
export const addMessageCalls = (
  graph: FastifyInstance,
  onNumber: On<BusinessNumber>,
  { network, chats, webhookUrl }: MessageCalls,
): void => {
  graph.post(
    `${AN_ID}/messages`,
    WRITE,
    onNumber(async (number, request, reply) => {
      const body = parametersOf(request)
      if (body === undefined)
        return refuse(reply, graphError(100, 'The body must be a JSON object or form fields.'))
      const outcome = await network.business.calls(number, body)
      if (outcome.delayMs > 0) await sleep(outcome.delayMs, undefined, { ref: false })
      if (outcome.kind === 'refused') return refuse(reply, outcome.error)
      if (outcome.dropAnswer) return cut(request, reply)
      return reply.send(outcome.answer)
    }),
  )
  graph.get(
    `${AN_ID}/message_history`,
    READ,
    onNumber((number, request, reply) => {
      const messageId = queryOf(request)['message_id'] ?? ''
      const place = chats.whereIs(messageId)
      const entry =
        place?.number === number.phoneNumberId
          ? chats.find(place.key)?.chats.get(place.number)?.entries.get(messageId)
          : undefined
      if (entry === undefined) return reply.send({ data: [] })
      const { id, status, at } = entry
      const happened = {
        id: `${id}:${status}`,
        delivery_status: status.toUpperCase(),
        timestamp: Math.floor(at / 1000),
        webhook_uri: webhookUrl,
        webhook_update_state: 'SENT',
      }
      return reply.send({ data: [{ id, message_id: id, events: { data: [happened] } }] })
    }),
  )
}

const cut = (request: FastifyRequest, reply: FastifyReply): void => {
  reply.hijack()
  request.raw.socket.destroy()
}
