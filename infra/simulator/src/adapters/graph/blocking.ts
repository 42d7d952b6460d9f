import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ChatBook } from '../../customer/chats.ts'
import { graphError, graphErrorBody } from '../../graph/errors.ts'
import { objectsIn } from '../../graph/parameters.ts'
import type { WhatsAppNetwork } from '../../network/network.ts'
import type { BusinessNumber } from '../../network/numbers.ts'
import { AN_ID, type On, READ, WRITE, page, parametersOf, queryOf, refuse } from './answers.ts'

export interface BlockingCalls {
  readonly network: Pick<WhatsAppNetwork, 'block'>
  readonly chats: ChatBook
}

/** Whom the business blocks. */
export const addBlockingCalls = (
  graph: FastifyInstance,
  onNumber: On<BusinessNumber>,
  { network, chats }: BlockingCalls,
): void => {
  const url = `${AN_ID}/block_users`
  const changing =
    (blocked: boolean) => (number: BusinessNumber, request: FastifyRequest, reply: FastifyReply) =>
      change(network, number, request, reply, blocked)
  graph.post(url, WRITE, onNumber(changing(true)))
  graph.delete(url, WRITE, onNumber(changing(false)))
  graph.get(
    url,
    READ,
    onNumber((number, request, reply) => reply.send(page(blockedBy(chats, number), queryOf(request)))),
  )
}

const change = (
  network: BlockingCalls['network'],
  number: BusinessNumber,
  request: FastifyRequest,
  reply: FastifyReply,
  blocked: boolean,
): FastifyReply => {
  const users = parametersOf(request)?.['block_users']
  if (!Array.isArray(users) || users.length === 0)
    return refuse(reply, graphError(100, 'The parameter block_users is required.'))
  const done: object[] = []
  const failed: object[] = []
  for (const item of objectsIn(users)) {
    const input = item['user'] ?? item['user_id']
    if (typeof input !== 'string')
      return refuse(reply, graphError(100, 'Each of block_users needs user or user_id.'))
    const error = network.block(number, input, blocked)
    const named = item['user'] === undefined ? { user_id: input } : { wa_id: input.replace(/\D/g, '') }
    if (error === undefined) done.push({ input, ...named })
    else {
      const { code, details } = error
      const errors = [{ message: 'Re-engagement required', code, error_data: { details } }]
      failed.push({ input, ...named, errors })
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

const blockedBy = (chats: ChatBook, { phoneNumberId }: BusinessNumber): object[] =>
  [...chats.all()]
    .filter((customer) => customer.chats.get(phoneNumberId)?.blockedByBusiness === true)
    .map(({ waId, userId }) => ({
      messaging_product: 'whatsapp',
      // pywa reads `input` here as in the answer to a block.
      input: waId ?? userId,
      ...(waId === undefined ? { user_id: userId } : { wa_id: waId }),
    }))
