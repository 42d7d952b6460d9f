import { HttpRefusal, bodyOf } from '@parley/service'
import { workforces } from '@parley/workforce'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { signedInOf } from '../doorkeeper.ts'
import { type DeskChanges, addChange, nothing, outcomeOf } from './desk-changes.ts'
import type { Ruling } from './wishes.ts'

const declined = z.object({ reason: z.string().max(200).optional() })

/** Offers are made to one agent: of anybody else's nobody is told. */
export function addOffers(app: FastifyInstance, desk: DeskChanges): void {
  /** Which offers there were the rules know, and no body that cannot be used comes to them: of an offer that is not open for the person it is told that there is none. */
  const scopeBefore =
    (body: z.ZodType) =>
    async (request: FastifyRequest, { offerId }: { readonly offerId?: string }): Promise<void> => {
      if (desk.feed.pool.offersTo(signedInOf(request).id).some(({ id }) => id === offerId)) return
      try {
        bodyOf(request, body)
      } catch {
        throw noOffer()
      }
    }

  addChange(app, desk, 'POST', '/api/offers/:offerId/accept', {
    permission: 'conversations.answer',
    summary: 'Takes what is offered. Answered once the conversation is theirs.',
    body: nothing,
    scope: scopeBefore(nothing),
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
    scope: scopeBefore(declined),
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

const noOffer = (): HttpRefusal => new HttpRefusal(404, 'NOT_FOUND', 'There is no such offer.')
