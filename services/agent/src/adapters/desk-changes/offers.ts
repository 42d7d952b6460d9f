import type { HttpRefusal } from '@parley/service'
import { workforces } from '@parley/workforce'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { notThere, upToDate } from '../desk/sight.ts'
import { signedInOf } from '../sign-in/doorkeeper.ts'
import { type DeskChanges, addChange, nothing, outcomeOf } from './desk-changes.ts'
import type { Ruling } from './wishes.ts'

const declined = z.object({ reason: z.string().max(200).optional() })

/** Offers are made to one agent: of anybody else's nobody is told. */
export function addOffers(app: FastifyInstance, desk: DeskChanges): void {
  const scope = async (request: FastifyRequest, { offerId = '' }: { readonly offerId?: string }) => {
    const personId = signedInOf(request).id
    const isTheirs = async () => ((await desk.offers.offeredTo(offerId)) === personId ? true : undefined)
    if (desk.feed.pool.offersTo(personId).some(({ id }) => id === offerId)) return
    if ((await isTheirs()) ?? (await upToDate(desk.feed, isTheirs))) return
    throw noOffer((await desk.offers.offeredTo(offerId)) !== undefined)
  }

  addChange(app, desk, 'POST', '/api/offers/:offerId/accept', {
    permission: 'conversations.answer',
    summary: 'Takes what is offered. Answered once the conversation is theirs.',
    body: nothing,
    scope,
    async act(_, wish, { offerId }) {
      const command = workforces.command('AcceptOffer', { agentId: wish.personId, offerId })
      const ruling = ownOffer(await wish.toPool(command, { until: ['ConversationAssigned'] }))
      return outcomeOf(ruling, { conversationId: ruling.conversationId })
    },
  })
  addChange(app, desk, 'POST', '/api/offers/:offerId/decline', {
    permission: 'conversations.answer',
    summary: 'Gives back what is offered.',
    body: declined,
    scope,
    async act({ reason = '' }, wish, { offerId }) {
      const content = reason === '' ? [] : [{ name: 'reason', value: Buffer.from(reason) }]
      const command = workforces.command('DeclineOffer', { agentId: wish.personId, offerId })
      return outcomeOf(ownOffer(await wish.toPool(command, { content })))
    },
  })
}

/** @throws {HttpRefusal} 404 */
function ownOffer(ruling: Ruling): Ruling {
  if (ruling.refusal?.code === 'UNKNOWN_OFFER') throw noOffer()
  return ruling
}

/** @param isThere as of a conversation */
const noOffer = (isThere = false): HttpRefusal => notThere('offer', isThere)
